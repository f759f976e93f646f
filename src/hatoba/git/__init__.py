"""Smart HTTP: receives pushes and streams the build into them."""
