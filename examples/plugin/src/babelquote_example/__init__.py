"""One small part of each kind that Babelquote takes from other packages; none of them is meant to be good."""
