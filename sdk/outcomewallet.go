package sdk

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/sdk/lst"
)

// WalletOutcome is what a transaction changed for one wallet. The lamports of
// the wallet are split by their purpose:
//
//	Lamports.After = Lamports.Before + ReceivedLamports - PaidLamports
//	    - NetworkFee - RentPaid + RentReturned - Transferred
type WalletOutcome struct {
	// Address is the address of the wallet.
	Address solana.PublicKey
	// Lamports is the SOL of the wallet itself.
	Lamports Change
	// NetworkFee is the network fee that the wallet paid, in lamports.
	NetworkFee uint64
	// RentPaid is the rent that the wallet paid for token accounts, and
	// RentReturned the rent of token accounts that were closed to the wallet,
	// both in lamports. Temporary accounts, which do not exist before and
	// after the transaction, count for neither. The rent of stake accounts is
	// part of PaidLamports and ReceivedLamports, because it moves with the
	// stake.
	RentPaid, RentReturned uint64
	// Transferred are the lamports that the wallet transferred to accounts that
	// no other instruction names, for example a tip.
	Transferred uint64
	// PaidLamports or ReceivedLamports is everything else: SOL that the wallet
	// paid or received in trades. At least one of them is zero.
	PaidLamports, ReceivedLamports uint64
	// Tokens are the changes of all token accounts of the wallet, by mint. It
	// omits mints without a change. Wrapped SOL counts as a token.
	Tokens []TokenOutcome
}

// TokenOutcome is the change of what a wallet holds of one token, over all its
// token accounts that the transaction names, in base units.
type TokenOutcome struct {
	Mint   solana.PublicKey
	Amount Change
}

// Token returns the change of a token. It is zero for a token without a change.
func (w WalletOutcome) Token(mint solana.PublicKey) Change {
	for _, t := range w.Tokens {
		if t.Mint == mint {
			return t.Amount
		}
	}
	return Change{}
}

// Wallet returns what the transaction changed for a wallet: its SOL and its
// token accounts. A wallet that the transaction does not name, and that owns
// none of its token accounts, has no change.
func (o *Outcome) Wallet(address solana.PublicKey) WalletOutcome {
	w := WalletOutcome{Address: address}
	if o == nil {
		return w
	}

	account, _ := o.Account(address)
	w.Lamports = account.Lamports
	if address == o.Payer {
		w.NetworkFee = o.Fee
	}

	w.Tokens = o.tokensOf(address)
	if o.Failed {
		return w
	}

	moves := o.moves()
	for _, a := range o.Accounts {
		if a.Mint.IsZero() || a.Address == address {
			continue
		}

		rent := a.rent()
		if moves.funders[a.Address] == address {
			w.RentPaid = fixed.SaturatingAdd(w.RentPaid, rent.Gain())
		}

		if moves.heirs[a.Address] == address {
			w.RentReturned = fixed.SaturatingAdd(w.RentReturned, rent.Loss())
		}
	}

	w.Transferred = moves.transferred[address]
	w.settle()

	return w
}

// settle sets PaidLamports or ReceivedLamports to the rest.
func (w *WalletOutcome) settle() {
	// All terms are bounded by the sum of all balances, see [Outcome.check].
	out := w.Lamports.Before + w.RentReturned
	in := fixed.SaturatingAdd(w.Lamports.After, w.NetworkFee)
	in = fixed.SaturatingAdd(fixed.SaturatingAdd(in, w.RentPaid), w.Transferred)
	rest := Change{Before: out, After: in}
	w.PaidLamports, w.ReceivedLamports = rest.Loss(), rest.Gain()
}

// tokensOf returns the changes of a wallet's tokens, sorted by mint.
func (o *Outcome) tokensOf(owner solana.PublicKey) []TokenOutcome {
	var tokens []TokenOutcome
	for _, a := range o.Accounts {
		if a.Mint.IsZero() || a.Owner != owner {
			continue
		}

		at := slices.IndexFunc(tokens, func(t TokenOutcome) bool { return t.Mint == a.Mint })
		if at < 0 {
			at = len(tokens)
			tokens = append(tokens, TokenOutcome{Mint: a.Mint})
		}

		tokens[at].Amount.Before += a.Tokens.Before
		tokens[at].Amount.After += a.Tokens.After
	}

	tokens = slices.DeleteFunc(tokens,
		func(t TokenOutcome) bool { return t.Amount.Before == t.Amount.After })
	slices.SortFunc(tokens,
		func(a, b TokenOutcome) int { return accounts.CompareKeys(a.Mint, b.Mint) })

	return tokens
}

// moves tells who moved lamports, by the instructions of the transaction.
type moves struct {
	// funders has the wallet that paid the rent of an account, and heirs the
	// one to which an account was closed.
	funders, heirs map[solana.PublicKey]solana.PublicKey
	// transferred has the lamports that a wallet transferred to accounts that
	// no other instruction names.
	transferred map[solana.PublicKey]uint64
}

// Numbers of instructions of the system program and the token programs.
const (
	systemCreateAccount = 0
	systemTransfer      = 2
	systemCreateSeeded  = 3
	tokenCloseAccount   = 9
)

// moves reads the instructions of the transaction. Those that programs call do
// not count.
func (o *Outcome) moves() moves {
	m := moves{
		funders:     make(map[solana.PublicKey]solana.PublicKey),
		heirs:       make(map[solana.PublicKey]solana.PublicKey),
		transferred: make(map[solana.PublicKey]uint64),
	}

	named := make(map[solana.PublicKey]int)
	fund := func(account, funder solana.PublicKey) {
		if _, known := m.funders[account]; !known {
			m.funders[account] = funder
		}
	}

	type transfer struct {
		from, to solana.PublicKey
		lamports uint64
	}

	var transfers []transfer
	for _, step := range o.Transaction.Steps() {
		metas := step.Instruction.Accounts()
		for _, meta := range metas {
			named[meta.PublicKey]++
		}

		data, err := step.Instruction.Data()
		if err != nil || len(metas) < 2 {
			continue
		}

		first, second := metas[0].PublicKey, metas[1].PublicKey
		switch step.Instruction.ProgramID() {
		case accounts.AssociatedTokenProgram:
			fund(second, first)
		case accounts.TokenProgram, accounts.Token2022Program:
			if len(data) == 1 && data[0] == tokenCloseAccount {
				m.heirs[first] = second
			}
		case accounts.SystemProgram:
			if len(data) < 12 {
				continue
			}

			switch binary.LittleEndian.Uint32(data) {
			case systemCreateAccount, systemCreateSeeded:
				fund(second, first)
			case systemTransfer:
				transfers = append(transfers,
					transfer{first, second, binary.LittleEndian.Uint64(data[4:])})
			}
		}
	}

	for _, t := range transfers {
		// The destination is named once for each transfer to it.
		to := func(other transfer) bool { return other.to == t.to }
		count := 0
		for _, other := range transfers {
			if to(other) {
				count++
			}
		}

		switch {
		case t.from == t.to:
		case named[t.to] == count:
			m.transferred[t.from] = fixed.SaturatingAdd(m.transferred[t.from], t.lamports)
		default:
			fund(t.to, t.from)
		}
	}
	return m
}

// String returns one line, for example "paid 1.5 SOL, network fee 0.000005 SOL,
// rent 0.00203928 SOL, +1244054262 of " and the mint.
func (w WalletOutcome) String() string {
	text := ""
	add := func(name string, lamports uint64) {
		if lamports == 0 {
			return
		}

		if text != "" {
			text += ", "
		}

		text += fmt.Sprintf("%s %s SOL", name, lst.FormatAmount(lamports, 9))
	}

	add("paid", w.PaidLamports)
	add("received", w.ReceivedLamports)
	add("network fee", w.NetworkFee)
	add("rent", w.RentPaid)
	add("returned rent", w.RentReturned)
	add("transferred", w.Transferred)
	for _, t := range w.Tokens {
		if text != "" {
			text += ", "
		}

		text += fmt.Sprintf("%s of %s", t.Amount, t.Mint)
	}

	if text == "" {
		return "no change"
	}
	return text
}
