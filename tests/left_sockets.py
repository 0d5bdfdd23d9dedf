"""What httpx leaves to the garbage collector when a request is cancelled while it connects."""

import gc
import warnings


def collect() -> None:
    """Take it away now and quietly; later it would be an error of whatever test runs then."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
