"""Systems whose operations an admin declares in a bundle: what every kind of them shares."""
