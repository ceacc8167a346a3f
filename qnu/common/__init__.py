"""What every part of qnu shares and contains no physics: input checks, files, memory, progress."""
