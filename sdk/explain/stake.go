package explain

import (
	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/idl"
)

var stakeProgram = program{
	name: nameStake,
	ids:  []solana.PublicKey{accounts.StakeProgram},
	instructions: []spec{
		authorize("staker", "Authorize", "\x01\x00\x00\x00", "\x00\x00\x00\x00"),
		authorize("withdrawer", "Authorize", "\x01\x00\x00\x00", "\x01\x00\x00\x00"),
		{
			table: own(
				"DelegateStake",
				"\x02\x00\x00\x00",
				roles("stake account", "vote account", "=clock", "=stake history", "stake config",
					"authority"),
			),
			wallets:  []string{"authority"},
			holdings: []string{"stake account"},
			words:    "delegate the stake account {stake account} to {vote account}",
			rule:     (*ledger).delegateStake,
		},
		{
			table: own(
				"Split",
				"\x03\x00\x00\x00",
				roles("stake account", "new stake account", "authority"),
				idl.Lamports("lamports"),
			),
			wallets:  []string{"authority"},
			holdings: []string{"stake account", "new stake account"},
			words:    "split {lamports} off the stake account {stake account} into {new stake account}",
			rule:     (*ledger).splitStake,
		},
		{
			table: own(
				"Withdraw",
				"\x04\x00\x00\x00",
				roles("stake account", "destination", "=clock", "=stake history", "authority"),
				idl.Lamports("lamports"),
			),
			wallets:  []string{"destination", "authority"},
			holdings: []string{"stake account", "destination"},
			words:    "withdraw {lamports} from the stake account {stake account} to {destination}",
			rule:     (*ledger).withdrawStake,
		},
		{
			table: own(
				"Deactivate",
				"\x05\x00\x00\x00",
				roles("stake account", "=clock", "authority"),
			),
			wallets:  []string{"authority"},
			holdings: []string{"stake account"},
			words:    "deactivate the stake account {stake account}",
			rule:     (*ledger).deactivateStake,
		},
		{
			table: own(
				"Merge",
				"\x07\x00\x00\x00",
				roles("stake account", "merged stake account", "=clock", "=stake history",
					"authority"),
			),
			wallets:  []string{"authority"},
			holdings: []string{"stake account", "merged stake account"},
			words:    "merge the stake account {merged stake account} into {stake account}",
			rule:     (*ledger).mergeStake,
		},
		authorize("staker", "AuthorizeChecked", "\x0a\x00\x00\x00\x00\x00\x00\x00", ""),
		authorize("withdrawer", "AuthorizeChecked", "\x0a\x00\x00\x00\x01\x00\x00\x00", ""),
	},
}

// authorize returns the rows that change one of the two authorities. The
// checked form has the new authority among its accounts. The other form has it
// in its data, before the kind.
func authorize(kind, name, tag, kindTag string) spec {
	s := spec{
		wallets:  []string{"authority"},
		holdings: []string{"stake account"},
		words:    "make {new authority} the " + kind + " of the stake account {stake account}",
		rule: func(l *ledger, in *Instruction) error {
			return l.authorizeStake(in, kind == "withdrawer")
		},
	}
	if kindTag == "" {
		s.wallets = append(s.wallets, "new authority")
		s.table = own(name, tag, roles("stake account", "=clock", "authority", "new authority"))
		return s
	}

	s.table = own(
		name,
		tag,
		roles("stake account", "=clock", "authority"),
		idl.Value("new authority", idl.KindKey),
		idl.Value(kindTag, idl.KindExactly),
	)

	return s
}

// newAuthority returns the new authority from the accounts or from the data.
func newAuthority(in *Instruction) solana.PublicKey {
	if key, ok := in.Account("new authority"); ok {
		return key
	}
	return in.value("new authority").Key
}

// depositsNext reports whether the next instructions deposit the stake account
// into the pool with this authority.
func (l *ledger) depositsNext(stake, authority solana.PublicKey) bool {
	for i := l.at + 1; i < len(l.explanation.Instructions); i++ {
		in := &l.explanation.Instructions[i]
		if in.is(nameStake, "Authorize", "AuthorizeChecked") && in.key("stake account") == stake &&
			newAuthority(in) == authority {
			continue
		}

		return (in.is(nameStakePool, "DepositStake", "DepositStakeWithSlippage") ||
			in.is(nameInterceptor, "DepositStake", "DepositStakeWithSlippage")) &&
			in.key("stake account") == stake && in.key("stake deposit authority") == authority
	}

	return false
}
