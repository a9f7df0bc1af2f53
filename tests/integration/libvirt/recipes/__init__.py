"""The files that the page on recipes shows, at work: as they stand there, on the lab's own daemons and guests."""
