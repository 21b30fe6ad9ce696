package explain_test

import (
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/internal/attacks"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// robbed returns the parties of attacks. The payer is the attacker.
func robbed() attacks.Parties {
	return attacks.Parties{
		Owner: owner,
		Thief: payer,
		Stake: mine,
		Vote:  key(60),
		Evil:  key(61),
		Mint:  key(62),
		Nonce: key(63),
		Extra: []solana.PublicKey{
			key(64),
			key(65),
			key(66),
			key(67),
			key(68),
			key(69),
			key(70),
			key(71),
		},
		TokenRent: 2_039_280,
		StakeRent: 2_282_880,
	}
}

// TestVerify_Attacks refuses every attack, in every format and with every
// irrelevant change.
func TestVerify_Attacks(t *testing.T) {
	refused := 0
	ways, err := attacks.Ways(robbed())
	require.NoError(t, err)
	for _, seed := range attacks.Seeds {
		all, err := attacks.All(robbed(), seed)
		require.NoError(t, err)
		for _, attack := range all {
			t.Run(attack.Name, func(t *testing.T) {
				from := payer
				if attack.OwnerPays {
					from = owner
				}

				for _, way := range ways {
					verdicts := make(map[string]int)
					for _, ixs := range attack.Transactions {
						for _, f := range formsOf(t, from, robbed().Extra[:attack.Signers],
							way.Write(ixs)...) {
							if explain.Verify(f.explanation(), attack.Policy) == nil {
								verdicts[f.name]++
							}

							refused++
						}
					}

					for form, accepted := range verdicts {
						require.Less(t, accepted, len(attack.Transactions), "%s, %s", way.Name,
							form)
					}
				}
			})
		}
	}

	t.Logf("%d transactions", refused)
}

// TestVerify_AttacksUnderWidePolicy checks that a wide policy accepts some of
// the attacks, so that they are not refused for their form.
func TestVerify_AttacksUnderWidePolicy(t *testing.T) {
	all, err := attacks.All(robbed(), "seed")
	require.NoError(t, err)
	allowed := 0
	for _, attack := range all {
		p := attack.Policy
		p.MaxLamports, p.MaxRent, p.MaxNewAccounts, p.MaxNetworkFee = 1<<62, 1<<62, 9, 1<<62
		p.Nonce = txn.DurableNonce{Account: key(63), Authority: payer}
		p.Stake = map[solana.PublicKey]explain.StakePermission{mine: {
			Deactivate: true, Split: true, Delegate: key(61), Staker: payer, Withdrawer: payer,
		}}
		p.MaxStake = map[solana.PublicKey]uint64{mine: ^uint64(0)}
		p.MinStake, p.DeactivateReceived = 0, true
		passes := true
		for _, ixs := range attack.Transactions {
			passes = passes &&
				explain.Verify(formsOf(t, owner, nil, ixs...)[1].explanation(), p) == nil
		}

		if passes {
			allowed++
		}
	}

	require.GreaterOrEqual(t, allowed, 12)
}
