"""What every part of qnu shares and knows no physics: checks of input, files, memory, progress."""
