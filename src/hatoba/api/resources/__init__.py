"""One file a noun: decode, find, call one use case, encode."""
