package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// trade describes what a program takes and pays, by the names in its table.
type trade struct {
	// authority signs. The amount named pays is taken from the account named
	// source.
	authority, source, pays string
	// destination receives the payment in the mint named gets, or in SOL if
	// gets is empty. If destination is empty, nothing is paid yet.
	destination, gets string
	// atLeast names the minimum output. It is empty if there is none.
	atLeast string
	// uses names an account of the owner that the instruction consumes.
	uses string
}

// trading returns the rule of a trade.
func trading(t trade) func(*ledger, *Instruction) error {
	return func(l *ledger, in *Instruction) error {
		if in.key(t.authority) != l.Owner {
			return l.foreign(in)
		}

		if err := l.take(in, t.source, t.pays); err != nil {
			return err
		}

		if h := l.holdings[in.key(t.uses)]; t.uses != "" && h != nil {
			if h.is != collecting {
				return l.refuse(ErrLifetime, "%s is consumed while it is in use", in.key(t.uses))
			}

			h.end()
		}

		if t.destination == "" {
			return nil
		}

		asset := lamportsAsset
		if t.gets != "" {
			asset = in.key(t.gets)
		}

		least, limited := in.Amount(t.atLeast)

		return l.pay(in, in.key(t.destination), asset, least, limited)
	}
}

// take books the maximum amounts that an instruction takes from an account for
// which the owner signs.
func (l *ledger) take(in *Instruction, source, pays string) error {
	for _, a := range in.Amounts {
		if a.Name != pays {
			continue
		}

		asset, amount := a.Mint, number64(a.Value)
		if a.Unit == UnitLamports {
			asset = lamportsAsset
		}

		h := l.holdings[in.key(source)]
		switch {
		case h == nil:
			book(l.lost, asset, amount)
		case h.is == standing && h.asset == asset, h.is == wrapping && asset == lamportsAsset:
			h.add(asset, minus(amount))
			// The program may take less.
			h.uncertain = true

		default:
			return l.refuse(
				ErrLifetime,
				"%s takes %s from %s",
				in.Name,
				assetName(asset),
				in.key(source),
			)
		}
	}

	return nil
}

// pay books the minimum that an instruction pays to an account. limited is
// false if the instruction has no minimum output.
func (l *ledger) pay(
	in *Instruction,
	to, asset solana.PublicKey,
	least uint64,
	limited bool,
) error {
	known := l.associated[to]
	token := known.mint == asset && !known.wallet.IsZero()
	amount := number64(least)
	switch h := l.holdings[to]; {
	case asset == lamportsAsset && to == l.Owner, token && known.wallet == l.Owner:
		h.add(asset, amount)
	case asset == lamportsAsset && h != nil && h.of == accounts.TokenProgram &&
		(h.is == collecting || h.is == wrapping):
		h.add(asset, amount)
		h.uncertain = true

	case asset == lamportsAsset && to == l.Recipient, token && known.wallet == l.Recipient:
		book(l.received, asset, amount)
	default:
		return l.refuse(ErrWrongRecipient, "%s pays to %s", in.Name, to)
	}

	if _, opened := l.opened[to]; opened {
		l.opened[to] = true
	}

	if !limited {
		l.unlimited[asset] = true
	}

	return nil
}
