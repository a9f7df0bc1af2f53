"""What an error would keep alive: the frames that it has passed, with all that was in them."""

from __future__ import annotations

import traceback

__all__ = ["empty_frames"]


def empty_frames(error: BaseException) -> None:
    """Empty the frames that *error* and its causes have passed: who keeps an error is not to keep a connection."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:  # ``raise error from error`` is its own cause
        seen.add(id(following))
        traceback.clear_frames(following.__traceback__)
        following = following.__cause__ or following.__context__
