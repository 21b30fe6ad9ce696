package explain

import (
	"fmt"
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// DefaultMaxNetworkFee is the maximum network fee in lamports if the policy
// does not set one.
const DefaultMaxNetworkFee = 150_000

// Policy states what the owner wants from a transaction. SOL and wrapped SOL
// count as the same asset, in lamports. A limit that is not set is zero and
// allows nothing, unless its comment states another default.
//
// The client's Policy derives the tightest policy from a quote.
type Policy struct {
	// Owner is the wallet that the policy protects. It is required.
	Owner solana.PublicKey
	// Recipient receives the outcome. Zero means the owner.
	Recipient solana.PublicKey
	// Payer may pay the network fee instead of the owner and may advance rents.
	// Zero means the owner.
	Payer solana.PublicKey
	// Signers are keys that sign in addition to the owner and the payer, as the
	// authority of a stake pool that permits a deposit or a withdrawal. They
	// may occur in that role alone, so that they cannot lose lamports, tokens
	// or stake.
	Signers []solana.PublicKey

	// MaxLamports is the maximum amount, in lamports, by which the transaction
	// may reduce the owner's accounts. The network fee, Transfers and the rent
	// of new token accounts are not counted.
	MaxLamports uint64
	// MaxTokens is the same limit for each mint, in base units. A mint with a
	// limit of zero may only pass through, as the intermediate token between
	// two trades.
	MaxTokens map[solana.PublicKey]uint64
	// MaxStake names the owner's stake accounts from which stake may leave,
	// with the maximum number of lamports that a trade, a split or a withdrawal
	// may take from each. Giving away a whole account counts as math.MaxUint64,
	// because the transaction does not contain its balance.
	MaxStake map[solana.PublicKey]uint64
	// Stake permits other changes of the owner's stake accounts, each of them
	// separately.
	Stake map[solana.PublicKey]StakePermission
	// DeactivateReceived permits the transaction to deactivate a stake account
	// that it gives to the owner or the recipient.
	DeactivateReceived bool
	// Receipts lists the owner's receipts at Jito's stake deposit interceptor
	// that the transaction may claim. A claim before the end of the cool-down
	// costs a fee, so name a receipt only if its owner wants the tokens now.
	Receipts []solana.PublicKey
	// Transfers permits plain transfers, such as tips, to the given
	// destinations, with the maximum number of lamports for each.
	Transfers map[solana.PublicKey]uint64
	// TokenTransfers permits transfers from the owner's associated token
	// accounts, such as an integrator's fee, to the given token accounts, with
	// the maximum number of base units for each. They count towards MaxTokens
	// or MaxLamports.
	TokenTransfers map[solana.PublicKey]uint64
	// OwnAccounts lists token accounts of the owner from which tokens may move
	// to the owner's associated token account of a mint that the policy names.
	// Such tokens are no outcome: after the move, a balance check of that
	// account counts nothing.
	OwnAccounts []solana.PublicKey

	// MinLamports is the minimum number of lamports that must arrive at the
	// recipient. If the recipient is the owner, the amount is net of what
	// leaves.
	MinLamports uint64
	// MinTokens is the same minimum for each mint, in base units.
	MinTokens map[solana.PublicKey]uint64
	// MinReceipts is the minimum for each mint, in base units, that must be in
	// new receipts of the recipient at Jito's stake deposit interceptor, before
	// the fee of the claim.
	MinReceipts map[solana.PublicKey]uint64
	// MinStake is the minimum stake, in lamports, that must arrive in stake
	// accounts of the recipient.
	MinStake uint64

	// TokenAccounts are the token accounts, other than the associated ones,
	// that the transaction may pay from or into.
	TokenAccounts []TokenAccount

	// PreBalances are the balances of the owner's associated token accounts
	// before the transaction, by mint, in base units; zero if there is no
	// account. A balance check counts only the amount above the balance here.
	// For a mint that is missing here it counts nothing. The balances hold for
	// one transaction: read them again after it has landed. That of wrapped SOL
	// is the lamports of the account above its rent.
	PreBalances map[solana.PublicKey]uint64
	// Vacant lists addresses without an account on chain. A transaction in
	// which a program pays SOL into a new account requires that address here,
	// because its bytes do not prove that the account is new. See
	// [Explanation.NeedVacant].
	Vacant []solana.PublicKey
	// TokenAccountRent is the rent of a token account in lamports. It is
	// required if the owner pays for a token account. If it is zero, a balance
	// check of a temporary wSOL account counts less by the rent.
	TokenAccountRent uint64
	// TokenRents are the rents of associated token accounts of Token-2022 mints
	// in lamports, by mint. The size of such an account depends on the mint,
	// see accounts.AssociatedTokenSpace: 170 bytes without extensions, 182 with
	// a transfer fee. It is required for each mint of which the owner pays for
	// an account.
	TokenRents map[solana.PublicKey]uint64
	// StakeAccountRent is the rent of a stake account in lamports. It is
	// required for transactions in which Marinade charges this rent to the
	// owner without naming it.
	StakeAccountRent uint64
	// ReceiptRent is the rent of a receipt at Jito's stake deposit interceptor
	// in lamports. It is required if the owner pays for a receipt. The claim
	// pays it to the owner of the receipt.
	ReceiptRent uint64

	// MaxNewAccounts is the maximum number of accounts that stay and that the
	// owner pays for. MaxRent is the maximum sum of their rents in lamports.
	MaxNewAccounts int
	MaxRent        uint64
	// MaxNetworkFee is the maximum network fee in lamports that the owner may
	// pay, see [Explanation.NetworkFee]. Zero means [DefaultMaxNetworkFee].
	MaxNetworkFee uint64
	// Nonce is the nonce account that the transaction may use, and its
	// authority. A transaction with a nonce can be broadcast at any later time.
	// Zero permits no nonce.
	Nonce txn.DurableNonce
	// MaxSigners is the maximum number of signatures, MaxSize the maximum size
	// in bytes. Zero leaves only the limits of the transaction's version.
	MaxSigners, MaxSize int
	// Versions are the permitted formats. If it is empty, all known formats are
	// permitted.
	Versions []txn.Version
	// AllowedPrograms restricts the programs that the transaction may call. If
	// it is empty, [DefaultPrograms] are allowed. A program without a table in
	// this package cannot be allowed.
	AllowedPrograms []solana.PublicKey
}

// TokenAccount is a token account that a policy names.
type TokenAccount struct {
	// Address is the account, Mint its token, and Wallet its owner: the owner
	// or the recipient of the policy.
	Address, Mint, Wallet solana.PublicKey
	// PreBalance is its balance before the transaction in base units, as in
	// [Policy.PreBalances]. If it is nil, a check of the balance counts
	// nothing.
	PreBalance *uint64
}

// StakePermission permits changes of one stake account of the owner, in
// addition to what MaxStake allows. The zero value permits nothing.
type StakePermission struct {
	// Deactivate permits the transaction to deactivate the account.
	Deactivate bool
	// Split permits the transaction to split off a part, which counts towards
	// MaxStake.
	Split bool
	// MergeInto is the other stake account of the policy into which the
	// transaction may merge the account. What leaves that one then counts
	// towards its own MaxStake.
	MergeInto solana.PublicKey
	// Delegate is the vote account to which the transaction may delegate.
	Delegate solana.PublicKey
	// Staker and Withdrawer are the permitted new authorities. A new withdrawer
	// controls the whole account, which counts towards MaxStake.
	Staker, Withdrawer solana.PublicKey
}

// DefaultPrograms returns the programs that transactions of this module call,
// and those whose instructions wallets add.
func DefaultPrograms() []solana.PublicKey {
	var ids []solana.PublicKey
	for _, p := range programs() {
		if p.name != nameFlatFee && p.name != nameFlatSlab {
			ids = append(ids, p.ids...)
		}
	}
	return ids
}

// complete replaces zero values with their defaults.
func (p Policy) complete() (Policy, error) {
	refuse := func(detail string) (Policy, error) {
		return Policy{}, &VerifyError{
			Instruction: -1,
			Detail:      detail,
			Reason:      ErrPolicy,
		}
	}
	if p.Owner.IsZero() {
		return refuse("no owner")
	}

	if p.Recipient.IsZero() {
		p.Recipient = p.Owner
	}

	if p.Payer.IsZero() {
		p.Payer = p.Owner
	}

	if p.MaxNetworkFee == 0 {
		p.MaxNetworkFee = DefaultMaxNetworkFee
	}

	if len(p.Versions) == 0 {
		p.Versions = []txn.Version{txn.VersionLegacy, txn.Version0, txn.Version1}
	}

	if len(p.AllowedPrograms) == 0 {
		p.AllowedPrograms = DefaultPrograms()
	}

	for _, t := range p.TokenAccounts {
		switch {
		case t.Address.IsZero() || t.Mint.IsZero():
			return refuse("a token account without an address or a mint")
		case t.Wallet != p.Owner && t.Wallet != p.Recipient:
			return refuse(fmt.Sprintf("the token account %s belongs neither to the owner nor to "+
				"the recipient", t.Address))
		case t.Address == p.Owner || t.Address == p.Recipient || t.Address == p.Payer:
			return refuse(fmt.Sprintf("the token account %s is a wallet", t.Address))
		}
	}

	for _, id := range p.AllowedPrograms {
		if programOf(id) == nil {
			return refuse("there is no table of the allowed program " + id.String())
		}
	}

	return p, nil
}

// mints returns the mints that the policy counts, wrapped SOL included.
func (p *Policy) mints() []solana.PublicKey {
	named := map[solana.PublicKey]bool{accounts.NativeMint: true}
	for _, limits := range []map[solana.PublicKey]uint64{p.MaxTokens, p.MinTokens,
		p.MinReceipts, p.PreBalances} {
		for mint := range limits {
			named[mint] = true
		}
	}

	for _, t := range p.TokenAccounts {
		named[t.Mint] = true
	}

	return slices.SortedFunc(maps.Keys(named), accounts.CompareKeys)
}

// preBalance returns the balance of a token account of a mint before the
// transaction. It reports false if the policy does not state it.
func (p *Policy) preBalance(account, mint solana.PublicKey) (uint64, bool) {
	for _, t := range p.TokenAccounts {
		if t.Address != account {
			continue
		}

		if t.PreBalance == nil {
			return 0, false
		}

		return *t.PreBalance, true
	}

	held, known := p.PreBalances[mint]
	return held, known
}

// stakes returns the stake accounts that the policy names.
func (p *Policy) stakes() []solana.PublicKey {
	named := make(map[solana.PublicKey]bool)
	for stake := range p.MaxStake {
		named[stake] = true
	}
	for stake := range p.Stake {
		named[stake] = true
	}
	return slices.SortedFunc(maps.Keys(named), accounts.CompareKeys)
}
