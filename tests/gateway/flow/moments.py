"""A monotonic clock that stands still until the test moves it."""


class Moments:
    """Call it for the present, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds
