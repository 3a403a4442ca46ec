"""Speed as ratios against a floor measured in the same run: bare times say little on other machines."""
