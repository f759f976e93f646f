"""The commands, a module for each topic; ``registry`` says which name is where."""
