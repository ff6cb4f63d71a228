//! What goes over the air in a round: what for, which way, how much.

use std::fmt;

/// Defines words of the schema: an enumeration with its words in files.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All of them, in the order of the schema.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// All words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word,)*];

            /// Returns the word in files.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Finds one by its word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// What is carried.
    Stage {
        /// Activations of a forward pass.
        Act = "act",
        /// Gradients of activations, or of a whole model.
        Grad = "grad",
        /// Parameters of an adapter.
        Adapter = "adapter",
        /// A soft prompt.
        Prompt = "prompt",
        /// A small stand-in of a large model.
        Emulator = "emulator",
        /// A model, or blocks of one.
        Model = "model",
    }
}

words! {
    /// Which way it goes.
    Direction {
        /// From a device to the server.
        Up = "ul",
        /// From the server to a device.
        Down = "dl",
        /// From a device to another.
        DeviceToDevice = "d2d",
        /// From the server to all devices at once.
        Broadcast = "bcast",
        /// From all devices at once, added on the air.
        Air = "air",
    }
}

words! {
    /// How it is sent.
    Carriage {
        /// Bits in blocks of a code.
        Digital = "digital",
        /// Values as amplitudes, a device at a time.
        Analog = "analog",
        /// Values as amplitudes of all devices at once.
        Aircomp = "aircomp",
    }
}

words! {
    /// Where the figures of a row come from.
    Source {
        /// An emulated link.
        Simulated = "sim",
        /// Radios.
        Hardware = "hw",
        /// A stored trace.
        Replay = "replay",
    }
}

/// The other end of a device's link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// The server: the word `server` in files.
    Server,
    /// Another device, by its number.
    Device(u32),
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server => f.write_str("server"),
            Self::Device(device) => write!(f, "{device}"),
        }
    }
}

/// What every device offers in one leg of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leg {
    /// Which way it goes.
    pub direction: Direction,
    /// What is carried.
    pub stage: Stage,
    /// Values of a device.
    pub values: u64,
    /// Bits of a value.
    pub bits_per_value: u32,
}

impl Leg {
    /// Returns the bits that a device offers: values times bits of a value.
    pub fn bits(&self) -> u64 {
        self.values * u64::from(self.bits_per_value)
    }

    /// Returns the bytes that a device offers, rounded up to whole ones.
    pub fn bytes(&self) -> u64 {
        self.bits().div_ceil(8)
    }
}
