package sdk

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/fixed"
	"github.com/sanctum-go/sanctum/internal/jsonrpc"
	"github.com/sanctum-go/sanctum/internal/send"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// TipError is returned by a [BlockEngine] for transactions without a sufficient
// tip. It matches [ErrNoTip]. Nothing was sent, so [Client.Send] returns it
// together with [ErrNotSent].
type TipError struct {
	// Paid is the tip of the transactions, and Minimum the least accepted one,
	// both in lamports.
	Paid, Minimum uint64
	// Accounts are the accounts that may receive the tip.
	Accounts []solana.PublicKey
}

// Error returns one line with both amounts and the remedy.
func (e *TipError) Error() string {
	if e == nil {
		return "<nil>"
	}
	return fmt.Sprintf(
		"%v: %d of at least %d lamports to one of %d accounts (set BuildOptions.Tip "+
			"with BlockEngine.TipAccounts)",
		ErrNoTip,
		e.Paid,
		e.Minimum,
		len(e.Accounts),
	)
}

// Is matches [ErrNoTip].
func (e *TipError) Is(target error) bool { return target == ErrNoTip }

// Unwrap returns the refusal by which [Client.Send] recognizes that nothing was
// sent.
func (e *TipError) Unwrap() error {
	if e == nil {
		return nil
	}
	return &send.PreflightError{Message: ErrNoTip.Error(), Public: e}
}

// checkTip returns a [*TipError] unless one of the transactions transfers a
// sufficient tip to one of the tip accounts. Only a transfer that is an
// instruction of its own counts, and only to an account that the message itself
// names: block engines do not look into lookup tables.
func (b *BlockEngine) checkTip(ctx context.Context, signed ...*txn.Signed) error {
	tips, err := b.TipAccounts(ctx)
	if err != nil {
		// Nothing was sent.
		return &PreflightError{Message: err.Error()}
	}

	var most uint64
	for _, s := range signed {
		most = max(most, tipOf(s.Unsigned(), tips))
	}

	if most < b.minTip {
		return &TipError{
			Paid:     most,
			Minimum:  b.minTip,
			Accounts: tips,
		}
	}
	return nil
}

// tipOf returns the lamports that a transaction transfers to tip accounts.
func tipOf(unsigned *txn.Unsigned, tips []solana.PublicKey) (lamports uint64) {
	message := unsigned.Message()
	for _, step := range unsigned.Steps() {
		metas := step.Instruction.Accounts()
		data, err := step.Instruction.Data()
		if err != nil || step.Instruction.ProgramID() != accounts.SystemProgram ||
			len(metas) < 2 || len(data) != 12 ||
			binary.LittleEndian.Uint32(data) != systemTransfer {
			continue
		}

		to := metas[1].PublicKey
		if slices.Contains(tips, to) && bytes.Contains(message, to[:]) {
			lamports = fixed.SaturatingAdd(lamports, binary.LittleEndian.Uint64(data[4:]))
		}
	}
	return lamports
}

// TipAccounts returns the accounts to one of which a transaction must transfer
// its tip. They are those of the options, or are requested once and then kept.
// Choose one at random: transactions that tip the same account wait for each
// other.
func (b *BlockEngine) TipAccounts(ctx context.Context) ([]solana.PublicKey, error) {
	if err := b.usable(ctx); err != nil {
		return nil, fmt.Errorf("tip accounts: %w", err)
	}

	if len(b.fixed) > 0 {
		return slices.Clone(b.fixed), nil
	}

	b.mu.Lock()
	known := b.known
	b.mu.Unlock()
	if known != nil {
		return slices.Clone(known), nil
	}

	var answer tipAccounts
	err := b.ask(func(r *engineRegion) error {
		return r.call(ctx, r.tips, &answer, "getTipAccounts", []any{})
	})
	if err != nil {
		return nil, fmt.Errorf("tip accounts: %w", err)
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	b.known = answer

	return slices.Clone(answer), nil
}

// tipAccounts is the answer to getTipAccounts.
type tipAccounts []solana.PublicKey

// UnmarshalJSON implements json.Unmarshaler.
func (a *tipAccounts) UnmarshalJSON(text []byte) error {
	var list jsonrpc.List[base58Key]
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}

	keys := make([]solana.PublicKey, len(list))
	for i, key := range list {
		keys[i] = solana.PublicKey(key)
	}

	if len(keys) == 0 {
		return fmt.Errorf("%w: no tip accounts", jsonrpc.ErrBadResponse)
	}

	*a = keys

	return checkTipAccounts(keys)
}

// checkTipAccounts returns an error for accounts that cannot receive tips.
func checkTipAccounts(keys []solana.PublicKey) error {
	if len(keys) > maxTipAccounts {
		return fmt.Errorf("%d tip accounts, at most %d", len(keys), maxTipAccounts)
	}

	for i, key := range keys {
		if key.IsZero() || slices.Contains(keys[:i], key) {
			return fmt.Errorf("tip account %s is zero or occurs twice", key)
		}
	}
	return nil
}
