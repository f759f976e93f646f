"""The content of images on disk, by its digest. It knows neither apps nor who may read what."""
