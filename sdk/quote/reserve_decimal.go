package quote

import "math/big"

// decimal is the Reserve's fixed-point number with twelve decimals. It rounds
// products and quotients to nearest like the program.
type decimal struct{ *big.Int }

var (
	decimalOne  = big.NewInt(reserveOne)
	decimalHalf = big.NewInt(reserveHalf)
)

func whole(n uint64) decimal {
	return decimal{new(big.Int).Mul(new(big.Int).SetUint64(n), decimalOne)}
}

// part12 returns n units of 10^-12.
func part12(n uint64) decimal { return decimal{new(big.Int).SetUint64(n)} }

func (d decimal) add(o decimal) decimal { return decimal{new(big.Int).Add(d.Int, o.Int)} }
func (d decimal) sub(o decimal) decimal { return decimal{new(big.Int).Sub(d.Int, o.Int)} }

// mul rounds like the program. One factor is always whole here, so the product
// needs no rounding.
func (d decimal) mul(o decimal) decimal {
	n := new(big.Int).Mul(d.Int, o.Int)
	return decimal{n.Quo(n.Add(n, decimalHalf), decimalOne)}
}

// div adds one half, not half of the divisor, before it rounds down.
func (d decimal) div(o decimal) decimal {
	n := new(big.Int).Mul(d.Int, decimalOne)
	return decimal{n.Quo(n.Add(n, decimalHalf), o.Int)}
}

func (d decimal) ceil() *big.Int {
	n := new(big.Int).Add(d.Int, decimalOne)
	return n.Quo(n.Sub(n, big.NewInt(1)), decimalOne)
}
