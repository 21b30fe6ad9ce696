package main

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/lst"
)

// formatSOL formats lamports as SOL: "1.5 SOL".
func formatSOL(lamports uint64) string { return lst.FormatAmount(lamports, 9) + " SOL" }

// amount formats base units of a token with its symbol: "1.5 JitoSOL".
func (s *session) amount(units uint64, mint solana.PublicKey) string {
	if token, err := s.Registry.ByMint(mint); err == nil {
		return token.Format(units) + " " + token.Symbol
	}
	return fmt.Sprintf("%d base units of %s", units, mint)
}

func (s *session) symbol(mint solana.PublicKey) string {
	if token, err := s.Registry.ByMint(mint); err == nil {
		return token.Symbol
	}
	return mint.String()
}

// decimals formats a number with a minimum and a maximum number of decimals.
func decimals(r *big.Rat, least, most int) string {
	text := r.FloatString(most)
	cut := len(text) - (most - least)
	for len(text) > cut && text[len(text)-1] == '0' {
		text = text[:len(text)-1]
	}
	return strings.TrimSuffix(text, ".")
}

// percent formats a fraction in percent: 1/1000 is "0.10 %".
func percent(r *big.Rat) string {
	return decimals(new(big.Rat).Mul(r, big.NewRat(100, 1)), 2, 4) + " %"
}

// apy formats a yearly yield in percent with two decimals: "7.62 %".
func apy(r *big.Rat) string {
	return new(big.Rat).Mul(r, big.NewRat(100, 1)).FloatString(2) + " %"
}

// basisPoints formats a fraction in basis points: 1/1000 is "10 bps".
func basisPoints(r *big.Rat) string {
	return decimals(new(big.Rat).Mul(r, big.NewRat(10_000, 1)), 0, 2) + " bps"
}

// rate formats a fraction in percent and in basis points: "0.10 %, 10 bps".
func rate(r *big.Rat) string { return percent(r) + ", " + basisPoints(r) }

// feeRate formats the rate of a fee, which is a fraction or a part of one:
// "1/1000" or "50/100 of 8/10000". Other rates stay unchanged.
func feeRate(text string) string {
	product := big.NewRat(1, 1)
	for _, part := range strings.Split(text, " of ") {
		r, ok := new(big.Rat).SetString(part)
		if !ok {
			return text
		}
		product.Mul(product, r)
	}
	return rate(product)
}

// nanosRate converts a fee in billionths to a fraction.
func nanosRate(nanos int64) *big.Rat { return big.NewRat(nanos, 1_000_000_000) }

var (
	lamportsPattern = regexp.MustCompile(`\b([0-9]+) lamports?\b`)
	limitPattern    = regexp.MustCompile(
		`\b([0-9]+) of ([1-9A-HJ-NP-Za-km-z]{32,44}|(?:SOL|stake), in lamports), at (most|least) ([0-9]+)`,
	)
	keyPattern = regexp.MustCompile(`(?:\bmint )?\b[1-9A-HJ-NP-Za-km-z]{32,44}\b`)
)

// readable converts a sentence of the SDK for people: lamports become SOL, and
// the mint of a token in the registry becomes its symbol.
func readable(text string, registry *lst.Registry) string {
	text = limitPattern.ReplaceAllStringFunc(text, func(match string) string {
		return readableLimit(limitPattern.FindStringSubmatch(match), registry)
	})
	text = lamportsPattern.ReplaceAllStringFunc(text, func(match string) string {
		number, _, _ := strings.Cut(match, " ")
		lamports, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			return match
		}

		return formatSOL(lamports)
	})

	return keyPattern.ReplaceAllStringFunc(text, func(match string) string {
		key, err := solana.PublicKeyFromBase58(strings.TrimPrefix(match, "mint "))
		if err != nil {
			return match
		}

		token, err := registry.ByMint(key)
		if err != nil {
			return match
		}

		return token.Symbol
	})
}

// readableLimit converts both amounts of a text such as "5 of SOL, in lamports,
// at most 4" to SOL, and those of a token in the registry to an amount with its
// symbol.
func readableLimit(parts []string, registry *lst.Registry) string {
	format := formatSOL
	if key, err := solana.PublicKeyFromBase58(parts[2]); err == nil {
		token, err := registry.ByMint(key)
		if err != nil {
			return parts[0]
		}

		format = func(units uint64) string { return token.Format(units) + " " + token.Symbol }
	} else if strings.HasPrefix(parts[2], "stake") {
		format = func(lamports uint64) string { return formatSOL(lamports) + " of stake" }
	}

	is, err := strconv.ParseUint(parts[1], 10, 64)
	if err != nil {
		return parts[0]
	}

	limit, err := strconv.ParseUint(parts[4], 10, 64)
	if err != nil {
		return parts[0]
	}

	return fmt.Sprintf("%s, at %s %s", format(is), parts[3], format(limit))
}

// readable converts a sentence with the tokens of the session's registry.
func (s *session) readable(text string) string { return readable(text, s.Registry) }

// age formats the time since an instant: "552 days old".
func age(from, now time.Time) string {
	days := int(now.Sub(from) / (24 * time.Hour))
	switch {
	case days < 0:
		return "in the future"
	case days == 1:
		return "1 day old"
	}
	return fmt.Sprintf("%d days old", days)
}
