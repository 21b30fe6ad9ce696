package quote

import (
	"errors"
	"fmt"

	"github.com/sanctum-go/sanctum/accounts"
)

// ErrUnsupportedMint is returned by [CheckMint], and by a market for the venues
// of a token, when the mint has an extension with which another party can take,
// freeze or block tokens, or an extension that this module does not know. The
// text names the extension. Trade another token.
var ErrUnsupportedMint = errors.New("mint has an unsupported extension")

// mintExtensions decides about each Token-2022 extension of a mint. An empty
// text serves the mint; another one is the reason to refuse it. An extension
// that is not in the table is refused.
//
// The routes of this module mint and burn the tokens of a Token-2022 mint. They
// never transfer them to or from the user. The stake pool program itself
// accepts fewer extensions than this table when a pool is created.
var mintExtensions = map[accounts.ExtensionType]string{
	// Descriptions of the token.
	accounts.ExtensionMetadataPointer:    "",
	accounts.ExtensionTokenMetadata:      "",
	accounts.ExtensionGroupPointer:       "",
	accounts.ExtensionTokenGroup:         "",
	accounts.ExtensionGroupMemberPointer: "",
	accounts.ExtensionTokenGroupMember:   "",

	// Only the amount that wallets display differs. Amounts in base units do
	// not change.
	accounts.ExtensionInterestBearingConfig: "",
	accounts.ExtensionScaledUIAmount:        "",

	// The program deducts the fee from transfers alone: minting and burning are
	// free, so the fee of every route is zero. A manager fee that is paid by a
	// transfer reaches the manager without it, which changes nothing for the
	// user.
	accounts.ExtensionTransferFeeConfig: "",

	// Holders may hide balances. Public balances do not change.
	accounts.ExtensionConfidentialTransferMint:      "",
	accounts.ExtensionConfidentialTransferFeeConfig: "",

	// See [checkDefaultState].
	accounts.ExtensionDefaultAccountState: "",

	accounts.ExtensionMintCloseAuthority: "its authority can close the mint and create it anew, " +
		"with other extensions",
	accounts.ExtensionNonTransferable:      "its tokens cannot be transferred",
	accounts.ExtensionPermanentDelegate:    "the delegate can take the tokens of every holder",
	accounts.ExtensionTransferHook:         "another program can block transfers",
	accounts.ExtensionConfidentialMintBurn: "pools cannot mint or burn its tokens",
	accounts.ExtensionPausable:             "its authority can block minting, burning and transfers",
	accounts.ExtensionPermissionedBurn:     "its authority can block burning",
}

// CheckMint returns an error that wraps [ErrUnsupportedMint] if a mint has an
// extension that rules out a trade. Mints of the classic token program have no
// extensions.
func CheckMint(mint *accounts.Mint) error {
	if mint == nil {
		return nil
	}

	for _, e := range mint.Extensions {
		reason, known := mintExtensions[e.Type]
		switch {
		case !known:
			reason = "it is not known to this version"
		case e.Type == accounts.ExtensionDefaultAccountState:
			reason = checkDefaultState(mint, e.Data)
		}

		if reason != "" {
			return fmt.Errorf("%w: %s: %s", ErrUnsupportedMint, e.Type, reason)
		}
	}

	return nil
}

// checkDefaultState returns the reason to refuse a mint with a default state of
// new accounts, or an empty text. Without a freeze authority the state cannot
// change, and new accounts are not frozen.
func checkDefaultState(mint *accounts.Mint, data []byte) string {
	switch {
	case len(data) != 1 || accounts.TokenState(data[0]) != accounts.TokenInitialized:
		return "new accounts are frozen"
	case mint.FreezeAuthority != nil:
		return "the freeze authority can let new accounts be frozen"
	}
	return ""
}
