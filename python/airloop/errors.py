"""What can go wrong: every exception of the package."""


class AirloopError(Exception):
    """Base of all exceptions that airloop raises on purpose."""


class ConfigError(AirloopError, ValueError):
    """A file, key or value of an experiment, or an argument beside it, is wrong."""


class PayloadError(AirloopError, ValueError):
    """An array is wrong: its type, shape, place or values."""


class StateError(AirloopError, RuntimeError):
    """An object is asked for what it cannot do now: in another process or thread, or for a round that is over."""


class UnsupportedError(AirloopError, NotImplementedError):
    """A fidelity that cannot run what it is asked for."""


class MissingDependencyError(AirloopError, ImportError):
    """A package that is not installed and is needed for this part."""
