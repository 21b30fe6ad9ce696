package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

var stakeProgram = program{name: nameStake, ids: []solana.PublicKey{accounts.StakeProgram}, instructions: []spec{
	authorize("staker", "Authorize", "\x01\x00\x00\x00", "\x00\x00\x00\x00"),
	authorize("withdrawer", "Authorize", "\x01\x00\x00\x00", "\x01\x00\x00\x00"),
	{
		name: "DelegateStake", tag: "\x02\x00\x00\x00",
		roles: []string{"stake account+", "vote account", "=clock", "=stake history", "stake config", "authority*"},
		words: "delegate the stake account {stake account} to {vote account}", rule: (*ledger).delegateStake,
	},
	{
		name: "Split", tag: "\x03\x00\x00\x00", data: []field{lamports("lamports")},
		roles: []string{"stake account+", "new stake account+", "authority*"},
		words: "split {lamports} off the stake account {stake account} into {new stake account}", rule: (*ledger).splitStake,
	},
	{
		name: "Withdraw", tag: "\x04\x00\x00\x00", data: []field{lamports("lamports")},
		roles: []string{"stake account+", "destination*", "=clock", "=stake history", "authority*"},
		words: "withdraw {lamports} from the stake account {stake account} to {destination}", rule: (*ledger).withdrawStake,
	},
	{
		name: "Deactivate", tag: "\x05\x00\x00\x00", roles: []string{"stake account+", "=clock", "authority*"},
		words: "deactivate the stake account {stake account}", rule: (*ledger).deactivateStake,
	},
	{
		name: "Merge", tag: "\x07\x00\x00\x00",
		roles: []string{"stake account+", "merged stake account+", "=clock", "=stake history", "authority*"},
		words: "merge the stake account {merged stake account} into {stake account}", rule: (*ledger).mergeStake,
	},
	authorize("staker", "AuthorizeChecked", "\x0a\x00\x00\x00\x00\x00\x00\x00", ""),
	authorize("withdrawer", "AuthorizeChecked", "\x0a\x00\x00\x00\x01\x00\x00\x00", ""),
}}

// authorize is a row for each of the two authorities. The checked form has the new authority among its accounts, the other in its data,
// before the kind.
func authorize(kind, name, tag, kindTag string) spec {
	s := spec{
		name: name, tag: tag, roles: []string{"stake account+", "=clock", "authority*"},
		words: "make {new authority} the " + kind + " of the stake account {stake account}",
		rule:  func(l *ledger, in *Instruction) error { return l.authorizeStake(in, kind == "withdrawer") },
	}
	if kindTag == "" {
		s.roles = append(s.roles, "new authority*")
		return s
	}
	s.data = []field{value("new authority", kindKey), {name: kindTag, kind: kindExactly}}
	return s
}

// newAuthority is among the accounts of one form, and in the data of the other.
func newAuthority(in *Instruction) solana.PublicKey {
	if key, ok := in.Account("new authority"); ok {
		return key
	}
	return in.value("new authority").Key
}

// depositsNext reports whether a stake account is deposited right after its
// authorities were changed, into the pool whose authority they are.
func (l *ledger) depositsNext(stake, authority solana.PublicKey) bool {
	for i := l.at + 1; i < len(l.explanation.Instructions); i++ {
		in := &l.explanation.Instructions[i]
		if in.is(nameStake, "Authorize", "AuthorizeChecked") && in.key("stake account") == stake &&
			newAuthority(in) == authority {
			continue
		}
		return in.is(nameStakePool, "DepositStake", "DepositStakeWithSlippage") &&
			in.key("stake account") == stake && in.key("stake deposit authority") == authority
	}
	return false
}
