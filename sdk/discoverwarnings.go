package sdk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// ErrUntrustedToken is returned by [Discovery.Err], and by a client with
// [WithDiscovery] when it would trade the token, as [UntrustedTokenError]. The
// kinds of its warnings are matched by errors.Is as well.
var ErrUntrustedToken = errors.New(
	"token has warnings (check the mint, then accept them in DiscoveryOptions.Accept)")

// Kinds of a [TokenWarning].
var (
	// ErrFreezeAuthority is the kind of a warning about a mint with an
	// authority that can freeze the tokens of a holder. No pool can be launched
	// with one.
	ErrFreezeAuthority = errors.New("the mint has a freeze authority")
	// ErrTransferFee is the kind of a warning about a Token-2022 mint whose
	// authority can set a fee on transfers, up to the whole amount. Deposits
	// and withdrawals of the pool are free of it.
	ErrTransferFee = errors.New("transfers of the token can cost a fee")
	// ErrUnusualDecimals is the kind of a warning about a mint whose decimals
	// are not 9, as those of SOL and of all listed LSTs are. Amounts in base
	// units are right; a program that assumes 9 shows a wrong number of tokens.
	ErrUnusualDecimals = errors.New("the token does not have 9 decimals")
	// ErrSameName is the kind of a warning about a token with the symbol or the
	// name of another token. TokenWarning.Other is that token.
	ErrSameName = errors.New("another token has this name")
	// ErrLookAlike is the kind of a warning about a token whose symbol, name or
	// mint looks like that of another token. TokenWarning.Other is that token.
	ErrLookAlike = errors.New("the token looks like another one")
	// ErrOddSymbol is the kind of a warning about a symbol with characters that
	// do not show or are not ASCII.
	ErrOddSymbol = errors.New("the symbol is not plain text")
	// ErrListDiffers is the kind of a warning about a token that the client's
	// registry describes otherwise than the chain, for example with another
	// pool. Correct the list.
	ErrListDiffers = errors.New("the list describes the token otherwise than the chain")
	// ErrUnverifiedToken is the kind of a warning about a symbol that was found
	// in a list that was not verified, and the error of a client without
	// [WithDiscovery] for a mint that its registry marks as unverified. Compare
	// the mint with what the issuer publishes, then use
	// [Client.DiscoverAddress] or [WithDiscovery].
	ErrUnverifiedToken = errors.New(
		"the entry of the list was not verified (compare the mint, or use WithDiscovery)")
)

// TokenWarning is a reason not to trade a token without a look at it.
type TokenWarning struct {
	// Kind is one of the errors above, such as [ErrLookAlike], or wraps
	// [quote.ErrUnsupportedMint], for which a market refuses the token anyway.
	Kind error
	// Detail describes the reason in one line.
	Detail string
	// Other is the mint of the token that this one resembles, or zero.
	Other solana.PublicKey
}

// Error returns the kind and the detail in one line.
func (w TokenWarning) Error() string { return fmt.Sprintf("%v: %s", w.Kind, w.Detail) }

// Unwrap returns the kind.
func (w TokenWarning) Unwrap() error { return w.Kind }

// UntrustedTokenError is a token with warnings that were not accepted. It
// matches [ErrUntrustedToken] and the kinds of the warnings.
type UntrustedTokenError struct {
	Mint     solana.PublicKey
	Warnings []TokenWarning
}

// Error returns one line with the mint and all warnings.
func (e *UntrustedTokenError) Error() string {
	if e == nil {
		return "<nil>"
	}

	var text strings.Builder
	fmt.Fprintf(&text, "%v: mint %s", ErrUntrustedToken, e.Mint)
	for _, w := range e.Warnings {
		text.WriteString("; " + w.Error())
	}
	return text.String()
}

// Unwrap returns [ErrUntrustedToken] and the warnings.
func (e *UntrustedTokenError) Unwrap() []error {
	if e == nil {
		return nil
	}

	all := []error{ErrUntrustedToken}
	for _, w := range e.Warnings {
		all = append(all, w)
	}
	return all
}

// Err returns nil if the token has no warnings, else an [*UntrustedTokenError].
func (d *Discovery) Err() error { return d.errBut(nil) }

// errBut is Err without the accepted kinds of warnings.
func (d *Discovery) errBut(accepted []error) error {
	if d == nil {
		return fmt.Errorf("%w: %w discovery", ErrUntrustedToken, accounts.ErrNil)
	}

	isAccepted := func(w TokenWarning) bool {
		return slices.ContainsFunc(accepted, func(kind error) bool {
			return kind != nil && errors.Is(w.Kind, kind)
		})
	}

	left := slices.DeleteFunc(slices.Clone(d.Warnings), isAccepted)
	if len(left) == 0 {
		return nil
	}
	return &UntrustedTokenError{Mint: d.Token.Mint, Warnings: left}
}

// warn adds a warning.
func (d *Discovery) warn(kind error, other solana.PublicKey, format string, args ...any) {
	d.Warnings = append(d.Warnings, TokenWarning{
		Kind:   kind,
		Detail: fmt.Sprintf(format, args...),
		Other:  other,
	})
}

// describe names the token by the client's registry or by its metadata.
func (d *discoverer) describe(found *Discovery) {
	token := &found.Token
	listed, err := d.client.registry.ByMint(token.Mint)
	if err == nil && !listed.Unverified {
		token.Symbol, token.Name = listed.Symbol, listed.Name
		return
	}

	var text accounts.MetadataText
	if found.Metadata != nil {
		text = found.Metadata.MetadataText
	}

	token.Symbol = lst.CleanSymbol(text.Symbol, token.Mint)
	token.Name = lst.CleanName(text.Name, token.Symbol)
}

// distrust adds the warnings about a token.
func (d *discoverer) distrust(found *Discovery) {
	mint := &found.Mint
	none := solana.PublicKey{}
	if mint.FreezeAuthority != nil {
		found.warn(ErrFreezeAuthority, none, "%s can freeze tokens", mint.FreezeAuthority)
	}

	if mint.Decimals != lamportDecimals {
		found.warn(ErrUnusualDecimals, none, "%d decimals", mint.Decimals)
	}

	if err := quote.CheckMint(mint); err != nil {
		found.warn(err, none, "the market refuses the token")
	}

	if slices.ContainsFunc(mint.Extensions, func(e accounts.Extension) bool {
		return e.Type == accounts.ExtensionTransferFeeConfig
	}) {
		found.warn(ErrTransferFee, none, "the mint has the extension TransferFeeConfig")
	}

	d.distrustNames(found)
	d.compareLists(found)
}

// lamportDecimals are the decimals of SOL.
const lamportDecimals = 9

// distrustNames compares the names of a token with those of all known tokens.
func (d *discoverer) distrustNames(found *Discovery) {
	token := &found.Token
	symbol, name := token.Symbol, token.Name
	if found.Metadata != nil {
		symbol, name = found.Metadata.Symbol, found.Metadata.Name
	}

	before := len(found.Warnings)
	if !lst.IsPlain(symbol) {
		found.warn(ErrOddSymbol, solana.PublicKey{}, "%+q", shortened64(symbol))
	}

	named := make(map[solana.PublicKey]bool)
	for _, list := range []*lst.Registry{d.client.lsts(), lst.Default()} {
		for _, r := range list.Resembling(token.Mint, symbol, name) {
			if named[r.Of.Mint] {
				continue
			}

			named[r.Of.Mint] = true
			kind := ErrLookAlike
			if r.Same {
				kind = ErrSameName
			}

			found.warn(kind, r.Of.Mint, "the %s is that of %s or looks like it", r.Field, r.Of)
		}
	}

	if listed, err := d.client.registry.ByMint(token.Mint); err == nil && !listed.Unverified {
		return
	}

	if len(found.Warnings) > before {
		token.Symbol = lst.PlaceholderSymbol(token.Mint)
	}
}

// shortened64 returns at most 64 bytes of a text that an issuer chose.
func shortened64(text string) string { return text[:min(len(text), 64)] }

// compareLists compares the token with the entries of the client's registry.
func (d *discoverer) compareLists(found *Discovery) {
	listed, err := d.client.registry.ByMint(found.Token.Mint)
	if err != nil {
		return
	}

	token := found.Token
	for _, field := range []struct {
		name         string
		listed, real string
	}{
		{"pool", listed.Pool.String(), token.Pool.String()},
		{"program", listed.Program.String(), token.Program.String()},
		{"validator list", listed.ValidatorList.String(), token.ValidatorList.String()},
		{"token program", listed.TokenProgram.String(), token.TokenProgram.String()},
		{"decimals", fmt.Sprint(listed.Decimals), fmt.Sprint(token.Decimals)},
	} {
		if field.listed != field.real {
			found.warn(ErrListDiffers, solana.PublicKey{},
				"the %s is %s in the list and %s on chain",
				field.name, field.listed, field.real)
		}
	}

	if !listed.VoteAccount.IsZero() && found.Validators != nil &&
		found.Validators.Find(listed.VoteAccount) == nil {
		found.warn(ErrListDiffers, solana.PublicKey{},
			"validator %s of the list is not in the pool",
			listed.VoteAccount)
	}
}
