"""HTTP in, HTML out: views parse, call one service, commit once and answer."""
