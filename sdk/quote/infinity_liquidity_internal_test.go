package quote

import "github.com/sanctum-go/sanctum/internal/fixed"

// LiquidityMisses counts the brackets of searches that were wrong.
func LiquidityMisses() uint64 { return liquidityMisses.Load() + fixed.ReplaysMissed() }
