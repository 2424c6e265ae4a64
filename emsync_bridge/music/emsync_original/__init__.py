"""The network of the EMSYNC authors (arXiv 2502.10154), for those who have its published weights."""
