"""Speed as ratios against a floor of the same run: bare times say little on other machines."""
