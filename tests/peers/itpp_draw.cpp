// Draws flat Rayleigh fading from IT++: links of consecutive samples as interleaved 32 bit floats, link after link.
//
//   itpp_draw ifft|sinusoids LINKS TIMES DOPPLER_PER_SAMPLE SINUSOIDS > gains
//
// ifft:      its exactly Gaussian generator, in long blocks; links are pieces of a block with as much left out between two
// sinusoids: its default, Rice's sums of sinusoids by the method of exact Doppler spread, new phases for each link
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <itpp/itcomm.h>

static void write(const itpp::cvec &gains, int begin, int times)
{
  for (int i = begin; i < begin + times; i++) {
    const float parts[2] = {float(gains(i).real()), float(gains(i).imag())};
    fwrite(parts, sizeof(float), 2, stdout);
  }
}

int main(int count, char **words)
{
  if (count != 6) {
    fprintf(stderr, "itpp_draw: expected ifft|sinusoids LINKS TIMES DOPPLER_PER_SAMPLE SINUSOIDS\n");
    return 2;
  }
  const int links = atoi(words[2]), times = atoi(words[3]), sinusoids = atoi(words[5]);
  const double doppler = atof(words[4]);
  itpp::RNG_reset(1);
  itpp::cvec gains;
  if (strcmp(words[1], "ifft") == 0) {
    itpp::IFFT_Fading_Generator generator(doppler);
    // Its spectrum has DOPPLER_PER_SAMPLE * block lines: many, and no whole number, at which the edge of the spectrum would be one.
    const int block = 1 << 20;
    int begin = block;
    for (int link = 0; link < links; link++, begin += 2 * times) {
      if (begin + times > block) {
        generator.generate(block, gains);
        begin = 0;
      }
      write(gains, begin, times);
    }
  } else {
    for (int link = 0; link < links; link++) {
      itpp::Rice_Fading_Generator generator(doppler, itpp::Jakes, sinusoids, itpp::MEDS);
      generator.generate(times, gains);
      write(gains, 0, times);
    }
  }
  return 0;
}
