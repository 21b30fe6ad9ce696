package quote

// LiquidityMisses counts brackets of the search for liquidity that were wrong.
func LiquidityMisses() uint64 { return liquidityMisses.Load() }
