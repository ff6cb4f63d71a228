#!/bin/sh
# Rebuilds DejaVuSans-subset.ttf from DejaVu Sans 2.37: ./subset.sh /path/to/DejaVuSans.ttf
exec pyftsubset "$1" --output-file=DejaVuSans-subset.ttf \
    --unicodes="U+0020-007E,U+00A0-00FF,U+0391-03A1,U+03A3-03A9,U+03B1-03C9,U+2013,U+2014,U+2018,U+2019,U+201C,U+201D,U+2026,U+2032,U+2070,U+2074-2079,U+207A,U+207B,U+2080-2089,U+2190-2193,U+2212,U+221E,U+2248,U+2264,U+2265" \
    --layout-features='' --drop-tables+=GPOS,GSUB,GDEF,kern,FFTM --no-hinting \
    --name-IDs='*' --no-recalc-timestamp
