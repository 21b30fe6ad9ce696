package explain

import (
	"maps"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// DefaultMaxNetworkFee is the most lamports that landing a transaction may
// cost where the policy names no other figure.
const DefaultMaxNetworkFee = 150_000

// Policy is what the owner wants of a transaction. SOL and wrapped SOL are the
// same in it, and are counted in lamports. A limit that is left out is zero,
// and allows nothing, unless its comment has another default.
//
// The client's Policy makes the tightest one of a quote.
type Policy struct {
	// Owner is the wallet that the policy protects. It must be named.
	Owner solana.PublicKey
	// Recipient receives the outcome; zero means the owner.
	Recipient solana.PublicKey
	// Payer may pay the fee in place of the owner, and may advance rents.
	Payer solana.PublicKey

	// MaxLamports is the most that may leave the owner's accounts in the end.
	// The network fee, Transfers and the rent of new token accounts are not
	// counted.
	MaxLamports uint64
	// MaxTokens is the same for each mint, in base units. A mint with a limit of
	// zero may only pass through, as the token between two trades.
	MaxTokens map[solana.PublicKey]uint64
	// MaxStake are the stake accounts of the owner's that may be drawn upon, with
	// the most lamports that may leave each by a trade, a split or a withdrawal.
	// An account that is given away as a whole counts as math.MaxUint64, since
	// the transaction does not tell what it holds.
	MaxStake map[solana.PublicKey]uint64
	// Stake permits what else may happen to stake accounts of the owner's, each
	// thing by itself.
	Stake map[solana.PublicKey]StakePermission
	// DeactivateReceived permits that a stake account is deactivated which the
	// transaction gives the owner or the recipient.
	DeactivateReceived bool
	// Transfers are plain transfers that the policy allows, such as tips: the
	// destinations, and the most lamports for each.
	Transfers map[solana.PublicKey]uint64

	// MinLamports is the least that has to arrive with the recipient. If that is
	// the owner, it is net of what leaves.
	MinLamports uint64
	// MinTokens is the same for each mint, in base units.
	MinTokens map[solana.PublicKey]uint64
	// MinStake is the least stake in lamports that has to arrive in stake
	// accounts of the recipient's.
	MinStake uint64

	// Held is what the owner's associated token account of a mint holds before,
	// in base units, zero if there is no account. A check of its balance makes
	// sure of what it checks beyond that, and of nothing for mints that are not
	// in it. It holds for one transaction: read it again after that has landed.
	Held map[solana.PublicKey]uint64
	// Vacant are addresses at which there is no account on the chain.
	// Transactions that let a program pay SOL into a new account need it named,
	// see [Explanation.NeedVacant]; their bytes do not prove that it is new.
	Vacant []solana.PublicKey
	// TokenAccountRent is the rent of a token account in lamports. It is needed
	// where the owner pays for one. Without it, what a temporary account of
	// wrapped SOL is checked for counts for less by the rent.
	TokenAccountRent uint64
	// StakeAccountRent is the rent of a stake account in lamports, which
	// Marinade takes from the owner without naming it. It is needed for such
	// transactions.
	StakeAccountRent uint64

	// MaxNewAccounts is how many accounts that stay may be made at the owner's
	// cost, and MaxRent the most lamports of rent in them.
	MaxNewAccounts int
	MaxRent        uint64
	// MaxNetworkFee is the most lamports that the owner may pay for landing the
	// transaction, see [Explanation.NetworkFee]. Zero means
	// [DefaultMaxNetworkFee].
	MaxNetworkFee uint64
	// Nonce is the nonce account that the transaction may use, and its
	// authority. A transaction with a nonce can be sent at any later time. Zero
	// allows none.
	Nonce txn.DurableNonce
	// MaxSigners is the most signatures, and MaxSize the most bytes, that the
	// transaction may have. Zero leaves it to the limits of its version.
	MaxSigners, MaxSize int
	// Versions are the formats that are allowed. None means all that this module
	// knows.
	Versions []txn.Version
	// AllowedPrograms narrows the programs that may be called. None means
	// [DefaultPrograms]. It cannot allow a program that has no table here.
	AllowedPrograms []solana.PublicKey
}

// StakePermission is what may happen to one stake account of the owner's,
// besides what MaxStake allows. The zero value permits nothing.
type StakePermission struct {
	// Deactivate permits to let its stake end with the epoch.
	Deactivate bool
	// Split permits to split off a part, for which MaxStake counts.
	Split bool
	// Delegate is the vote account it may be delegated to.
	Delegate solana.PublicKey
	// Staker and Withdrawer are the authorities it may get. A new withdrawer
	// has the whole account, for which MaxStake counts.
	Staker, Withdrawer solana.PublicKey
}

// DefaultPrograms are the programs that transactions of this module call, and
// those whose instructions wallets add.
func DefaultPrograms() []solana.PublicKey {
	var ids []solana.PublicKey
	for _, p := range programs() {
		if p.name != nameFlatFee && p.name != nameFlatSlab {
			ids = append(ids, p.ids...)
		}
	}
	return ids
}

// complete fills in what the zero value of a field stands for.
func (p Policy) complete() (Policy, error) {
	refuse := func(detail string) (Policy, error) {
		return Policy{}, &VerifyError{Instruction: -1, Detail: detail, Reason: ErrPolicy}
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
	for _, id := range p.AllowedPrograms {
		if programOf(id) == nil {
			return refuse("no table has the allowed program " + id.String())
		}
	}
	return p, nil
}

// mints are those in which the policy counts, wrapped SOL among them.
func (p *Policy) mints() []solana.PublicKey {
	named := map[solana.PublicKey]bool{accounts.NativeMint: true}
	for _, limits := range []map[solana.PublicKey]uint64{p.MaxTokens, p.MinTokens, p.Held} {
		for mint := range limits {
			named[mint] = true
		}
	}
	return slices.SortedFunc(maps.Keys(named), accounts.CompareKeys)
}

// stakes are the stake accounts that the policy names.
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
