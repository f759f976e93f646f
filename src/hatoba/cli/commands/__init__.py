"""One file a topic; the file name is the topic."""
