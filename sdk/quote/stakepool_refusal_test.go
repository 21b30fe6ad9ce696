package quote_test

import (
	"maps"
	"math"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// stakePoolRefusalCase is a case of [TestStakePoolState_Refusals].
type stakePoolRefusalCase struct {
	name   string
	change func(*quote.StakePoolState)
	asks   map[string]operation
	want   error
}

// stakePoolRefusalCases returns the cases of [TestStakePoolState_Refusals].
func stakePoolRefusalCases(t *testing.T) []stakePoolRefusalCase {
	t.Helper()

	stranger, system := key(7), accounts.SystemProgram
	asIs := func(*quote.StakePoolState) {}
	from := source(key(1), 500*sol+stakeRent, 500*sol)
	list := listOf(from.Entry)
	every := map[string]operation{
		"deposit SOL": depositSOL(sol), "deposit SOL, exact out": depositSOLExactOut(sol),
		"withdraw SOL": withdrawSOL(sol), "withdraw SOL, exact out": withdrawSOLExactOut(sol),
		"deposit stake":             depositStake(sol, stakeRent),
		"deposit stake, exact out":  depositStakeExactOut(sol, stakeRent),
		"withdraw stake":            withdrawStake(sol, from),
		"withdraw stake, exact out": withdrawStakeExactOut(sol, from),
	}

	only := func(names ...string) map[string]operation {
		some := make(map[string]operation)
		for _, name := range names {
			some[name] = every[name]
			require.NotNil(t, every[name], name)
		}

		return some
	}

	with := func(more map[string]operation, name string, ask operation) map[string]operation {
		more = maps.Clone(more)
		more[name] = ask
		return more
	}

	stakeMoves := only(
		"deposit stake", "deposit stake, exact out", "withdraw stake", "withdraw stake, exact out",
		"withdraw SOL", "withdraw SOL, exact out",
	)

	solDeposits, solWithdrawals := only(
		"deposit SOL",
		"deposit SOL, exact out",
	), only(
		"withdraw SOL",
		"withdraw SOL, exact out",
	)

	stakeDeposits := only("deposit stake", "deposit stake, exact out")
	feeOf := func(numerator, denominator uint64) func(*quote.StakePoolState) {
		return func(s *quote.StakePoolState) {
			f := accounts.Fee{Numerator: numerator, Denominator: denominator}
			s.State.SOLDepositFee = f
			s.State.SOLWithdrawalFee = f
			s.State.StakeDepositFee = f
			s.State.StakeWithdrawalFee = f
		}
	}

	return []stakePoolRefusalCase{
		{"nothing", asIs, map[string]operation{
			"deposit SOL": depositSOL(0), "deposit SOL, exact out": depositSOLExactOut(0),
			"withdraw SOL": withdrawSOL(0), "withdraw SOL, exact out": withdrawSOLExactOut(0),
			"deposit stake":             depositStake(0, 0),
			"deposit stake, exact out":  depositStakeExactOut(0, stakeRent),
			"withdraw stake":            withdrawStake(0, from),
			"withdraw stake, exact out": withdrawStakeExactOut(0, from),
			"floor price":               floorPrice(0),
		}, quote.ErrZeroAmount},
		{
			"a token is worth two lamports, so one lamport buys none",
			func(s *quote.StakePoolState) { s.State.PoolTokenSupply /= 2 },
			map[string]operation{"deposit SOL": depositSOL(1), "deposit stake": depositStake(1, 0)},
			quote.ErrAmountTooSmall,
		},
		{
			"the fee takes the only unit", feeOf(1, 1000),
			map[string]operation{
				"deposit SOL": depositSOL(1), "deposit stake": depositStake(1, 0),
				"withdraw SOL":   withdrawSOL(1),
				"withdraw stake": withdrawStake(1, from), "floor price": floorPrice(1),
			},
			quote.ErrAmountTooSmall,
		},
		{
			"a lamport is worth two tokens, so one token pays none",
			func(s *quote.StakePoolState) { s.State.TotalLamports /= 2 },
			map[string]operation{"withdraw SOL": withdrawSOL(1),
				"withdraw stake": withdrawStake(1, from)},
			quote.ErrAmountTooSmall,
		},
		{
			"the pool's lamports are gone",
			func(s *quote.StakePoolState) { s.State.TotalLamports = 0 },
			with(only("withdraw SOL", "withdraw stake"), "floor price", floorPrice(1)),
			quote.ErrAmountTooSmall,
		},
		{"the pool's counters would overflow", asIs, map[string]operation{
			"deposit SOL":                   depositSOL(math.MaxUint64),
			"deposit SOL, exact out":        depositSOLExactOut(math.MaxUint64),
			"deposit stake":                 depositStake(math.MaxUint64, 0),
			"both parts of a stake deposit": depositStake(math.MaxUint64, 1),
			"deposit stake, exact out":      depositStakeExactOut(math.MaxUint64, 0),
		}, quote.ErrAmountTooLarge},
		{"more than the pool has", asIs, map[string]operation{
			"withdraw SOL":              withdrawSOL(1000*sol + 1),
			"withdraw SOL, exact out":   withdrawSOLExactOut(1000*sol + 1),
			"withdraw stake":            withdrawStake(math.MaxUint64, from),
			"withdraw stake, exact out": withdrawStakeExactOut(math.MaxUint64, from),
			"floor price":               floorPrice(1000*sol + 1),
		}, quote.ErrAmountTooLarge},
		{
			"no input yields so much",
			func(s *quote.StakePoolState) { feeOf(1, 1000)(s); s.State.PoolTokenSupply /= 2 },
			map[string]operation{
				"before the fee": depositSOLExactOut(math.MaxUint64),
				"at the price":   depositSOLExactOut(math.MaxUint64 - math.MaxUint64/500),
				"withdraw SOL":   withdrawSOLExactOut(math.MaxUint64),
				"withdraw stake": withdrawStakeExactOut(math.MaxUint64, from),
			},
			quote.ErrAmountTooLarge,
		},
		{
			"there are no tokens", func(s *quote.StakePoolState) { s.State.PoolTokenSupply = 0 },
			map[string]operation{"floor price": floorPrice(1)},
			quote.ErrAmountTooLarge,
		},
		{
			"a product does not fit",
			func(s *quote.StakePoolState) {
				s.State.TotalLamports, s.State.PoolTokenSupply = 3, math.MaxUint64
			},
			with(only("deposit SOL", "withdraw SOL, exact out"), "of a mint",
				depositSOLExactOut(1)),
			quote.ErrAmountTooLarge,
		},
		{
			"the fee takes everything", feeOf(1, 1),
			only("deposit SOL, exact out", "deposit stake, exact out", "withdraw SOL, exact out",
				"withdraw stake, exact out"),
			quote.ErrAmountTooLarge,
		},
		{
			"the fee takes everything of any amount", feeOf(1, 1),
			only("deposit SOL", "deposit stake", "withdraw SOL", "withdraw stake"),
			quote.ErrAmountTooSmall,
		},
		{
			"a fee of more than everything", feeOf(3, 2),
			only("deposit SOL", "deposit stake", "deposit stake, exact out", "withdraw SOL",
				"withdraw stake"),
			quote.ErrInvalidState,
		},
		{
			"behind by an epoch", func(s *quote.StakePoolState) { s.Clock.Epoch++ },
			with(with(every, "sources", sources(list)), "update", updated),
			quote.ErrStalePool,
		},
		{"rewards are being distributed",
			func(s *quote.StakePoolState) { s.EpochRewardsActive = true }, stakeMoves,
			quote.ErrEpochRewards},
		{"SOL deposits need a signature",
			func(s *quote.StakePoolState) { s.State.SOLDepositAuthority = &stranger }, solDeposits,
			quote.ErrPermissioned},
		{
			"SOL withdrawals need a signature",
			func(s *quote.StakePoolState) { s.State.SOLWithdrawAuthority = &stranger },
			solWithdrawals,
			quote.ErrPermissioned,
		},
		{
			"stake deposits need a signature",
			func(s *quote.StakePoolState) { s.State.StakeDepositAuthority = stranger },
			stakeDeposits,
			quote.ErrPermissioned,
		},
		{"SOL deposits are off",
			func(s *quote.StakePoolState) { s.State.SOLDepositAuthority = &system }, solDeposits,
			quote.ErrDisabled},
		{"SOL withdrawals are off",
			func(s *quote.StakePoolState) { s.State.SOLWithdrawAuthority = &system },
			solWithdrawals, quote.ErrDisabled},
		{"stake deposits are off",
			func(s *quote.StakePoolState) { s.State.StakeDepositAuthority = system }, stakeDeposits,
			quote.ErrDisabled},
		{
			"no usable fee account", func(s *quote.StakePoolState) {
				feeOf(1, 1000)(s)
				s.FeeAccountUsable = false
			},
			only("deposit SOL", "deposit SOL, exact out", "deposit stake",
				"deposit stake, exact out"),
			quote.ErrFeeAccount,
		},
		{
			"rent of an unknown kind",
			func(s *quote.StakePoolState) {
				s.Rent.ThresholdBits, s.Rounding = 5, quote.FeesUnknown
			},
			with(only("withdraw SOL", "withdraw stake"), "sources", sources(list)),
			accounts.ErrUnknownRent,
		},
	}
}

func TestStakePoolState_Refusals(t *testing.T) {
	for _, test := range stakePoolRefusalCases(t) {
		for name, ask := range test.asks {
			t.Run(test.name+"/"+name, func(t *testing.T) {
				s := plain()
				test.change(&s)
				_, err := ask(s)
				requireRefusal(t, err, test.want, s.Address)
			})
		}
	}
}

// stakePoolAllowedCase is a case of [TestStakePoolState_Allowed].
type stakePoolAllowedCase struct {
	name   string
	change func(*quote.StakePoolState)
	ask    operation
	want   any
}

// stakePoolAllowedCases returns the cases of [TestStakePoolState_Allowed].
func stakePoolAllowedCases() []stakePoolAllowedCase {
	stranger := key(7)
	fee := accounts.Fee{Numerator: 1, Denominator: 1000}
	from := source(key(1), 500*sol+stakeRent, 500*sol)
	signed := func(s *quote.StakePoolState) {
		s.State.SOLDepositAuthority = &stranger
		s.State.SOLWithdrawAuthority = &stranger
		s.State.StakeDepositAuthority = stranger
		s.Signers = []solana.PublicKey{key(8), stranger}
	}

	noFeeAccount := func(s *quote.StakePoolState) {
		s.FeeAccountUsable = false
		s.State.SOLWithdrawalFee, s.State.StakeWithdrawalFee = fee, fee
	}

	return []stakePoolAllowedCase{
		{"SOL deposit with the authority's signature", signed, depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: sol, Exact: true}},
		{"SOL withdrawal with the authority's signature", signed, withdrawSOL(sol),
			quote.SOLWithdrawal{Tokens: sol, Lamports: sol, Exact: true}},
		{
			"stake deposit with the authority's signature", signed,
			depositStake(sol, 1),
			quote.StakeDeposit{Staked: sol, Unstaked: 1, Tokens: sol + 1, Exact: true},
		},
		{
			"stake withdrawals cannot be disabled",
			func(s *quote.StakePoolState) { signed(s); s.Signers = nil },
			withdrawStake(sol, from),
			quote.StakeWithdrawal{Tokens: sol, Lamports: sol, Vote: key(1), Exact: true},
		},
		{
			"SOL deposit while rewards are distributed",
			func(s *quote.StakePoolState) { s.EpochRewardsActive = true },
			depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: sol, Exact: true},
		},
		{"deposit without a fee and without a usable fee account", noFeeAccount, depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: sol, Exact: true}},
		{
			"withdrawals are free without a usable fee account", noFeeAccount,
			withdrawSOL(sol),
			quote.SOLWithdrawal{Tokens: sol, Lamports: sol, Exact: true},
		},
		{"exact out knows that they are", noFeeAccount, withdrawSOLExactOut(sol),
			quote.SOLWithdrawal{Tokens: sol, Lamports: sol, Exact: true}},
		{"of stake as well", noFeeAccount, withdrawStake(sol, from), quote.StakeWithdrawal{
			Tokens:   sol,
			Lamports: sol,
			Vote:     key(1),
			Exact:    true,
		}},
		{
			"with exact out", noFeeAccount,
			withdrawStakeExactOut(sol, from),
			quote.StakeWithdrawal{Tokens: sol, Lamports: sol, Vote: key(1), Exact: true},
		},
		{
			"the referrer takes all of the fee",
			func(s *quote.StakePoolState) {
				s.FeeAccountUsable, s.State.SOLDepositFee, s.State.SOLReferralFee = false, fee, 100
			},
			depositSOL(sol), quote.SOLDeposit{
				Lamports:    sol,
				Tokens:      999_000_000,
				ReferralFee: 1_000_000,
				Exact:       true,
			},
		},
		{
			"a fee of nothing in whatever unit",
			func(s *quote.StakePoolState) { s.State.SOLDepositFee = accounts.Fee{Numerator: 5} },
			depositSOL(sol),
			quote.SOLDeposit{Lamports: sol, Tokens: sol, Exact: true},
		},
		{
			"all of the reserve", func(*quote.StakePoolState) {},
			withdrawSOL(10 * sol),
			quote.SOLWithdrawal{Tokens: 10 * sol, Lamports: 10 * sol, Exact: true},
		},
	}
}

// TestStakePoolState_Allowed checks inputs at the limits that are not refused.
func TestStakePoolState_Allowed(t *testing.T) {
	for _, test := range stakePoolAllowedCases() {
		t.Run(test.name, func(t *testing.T) {
			s := plain()
			test.change(&s)
			got, err := test.ask(s)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}

// reserveLimitCase is a case of [TestStakePoolState_ReserveLimit].
type reserveLimitCase struct {
	name       string
	perByte    uint64
	storedRent uint64
	left       uint64
	// want is nil if the withdrawal is allowed.
	want error
}

var reserveLimitCases = []reserveLimitCase{
	{name: "to the rent", perByte: 6960, storedRent: stakeRent, left: stakeRent},
	{
		name:       "a lamport below",
		perByte:    6960,
		storedRent: stakeRent,
		left:       stakeRent - 1,
		want:       quote.ErrInsufficientReserve,
	},
	{
		name:       "to the rent on record, rent has fallen",
		perByte:    5080,
		storedRent: stakeRent,
		left:       stakeRent,
	},
	{
		name:       "a lamport below the rent on record",
		perByte:    5080,
		storedRent: stakeRent,
		left:       stakeRent - 1,
		want:       quote.ErrBuildDependent,
	},
	{
		name:       "to the fallen rent",
		perByte:    5080,
		storedRent: stakeRent,
		left:       cheapRent,
		want:       quote.ErrBuildDependent,
	},
	{
		name:       "a lamport below the fallen rent",
		perByte:    5080,
		storedRent: stakeRent,
		left:       cheapRent - 1,
		want:       quote.ErrInsufficientReserve,
	},
	{
		name:       "to today's rent, which has risen",
		perByte:    6960,
		storedRent: cheapRent,
		left:       stakeRent,
	},
	{
		name:       "a lamport below the risen rent",
		perByte:    6960,
		storedRent: cheapRent,
		left:       stakeRent - 1,
		want:       quote.ErrBuildDependent,
	},
	{
		name:       "a lamport below the old rent",
		perByte:    6960,
		storedRent: cheapRent,
		left:       cheapRent - 1,
		want:       quote.ErrInsufficientReserve,
	},
	{
		name:       "everything",
		perByte:    696,
		storedRent: stakeRent,
		left:       0,
		want:       quote.ErrInsufficientReserve,
	},
}

// TestStakePoolState_ReserveLimit checks that a withdrawal may reduce the
// reserve to its rent. Builds up to v2.0.4 use the recorded rent, later ones
// the current rent. Between the two the result depends on the build.
func TestStakePoolState_ReserveLimit(t *testing.T) {
	const balance = stakeRent + 10*sol
	for _, test := range reserveLimitCases {
		t.Run(test.name, func(t *testing.T) {
			s := plain()
			s.Rounding = quote.FeesUnknown
			s.Rent, s.Reserve.RentExemptReserve, s.ReserveLamports = accounts.NewRent(
				test.perByte,
			), test.storedRent, balance
			for name, ask := range map[string]operation{"in": withdrawSOL(balance - test.left),
				"out": withdrawSOLExactOut(balance - test.left)} {
				got, err := ask(s)
				if test.want != nil {
					requireRefusal(t, err, test.want, s.Address)
					continue
				}

				require.NoError(t, err, name)
				require.Equal(t,
					quote.SOLWithdrawal{Tokens: balance - test.left, Lamports: balance - test.left,
						Exact: true},
					got, name)
			}
		})
	}
}

func TestFeeAccountUsable_Accounts(t *testing.T) {
	state := &accounts.StakePool{PoolMint: key(1), TokenProgram: accounts.Token2022Program}
	extension := func(types ...accounts.ExtensionType) func(*accounts.TokenAccount) {
		return func(t *accounts.TokenAccount) {
			for _, e := range types {
				t.Extensions = append(t.Extensions,
					accounts.Extension{Type: e, Data: make([]byte, 8)})
			}
		}
	}

	const memoTransfer accounts.ExtensionType = 8
	for _, test := range []struct {
		name   string
		owner  solana.PublicKey
		change func(*accounts.TokenAccount)
		want   bool
	}{
		{"plain", accounts.Token2022Program, func(*accounts.TokenAccount) {}, true},
		{"of the other token program", accounts.TokenProgram, func(*accounts.TokenAccount) {},
			false},
		{"of a stranger", key(3), func(*accounts.TokenAccount) {}, false},
		{"frozen", accounts.Token2022Program,
			func(t *accounts.TokenAccount) { t.State = accounts.TokenFrozen }, false},
		{"never initialized", accounts.Token2022Program,
			func(t *accounts.TokenAccount) { t.State = 0 }, false},
		{"of another mint", accounts.Token2022Program,
			func(t *accounts.TokenAccount) { t.Mint = key(4) }, false},
		{
			"with the extensions the program allows", accounts.Token2022Program,
			extension(accounts.ExtensionTransferFeeAmount, accounts.ExtensionImmutableOwner,
				accounts.ExtensionCPIGuard),
			true,
		},
		{"with a memo extension", accounts.Token2022Program,
			extension(accounts.ExtensionImmutableOwner, memoTransfer), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			token := accounts.TokenAccount{Mint: key(1), Owner: key(2),
				State: accounts.TokenInitialized}
			test.change(&token)
			require.Equal(t, test.want,
				quote.FeeAccountUsable(state,
					accounts.Account{Owner: test.owner, Data: token.Encode()}))
		})
	}

	require.False(t, quote.FeeAccountUsable(state, accounts.Account{}), "missing")
	require.False(t,
		quote.FeeAccountUsable(state,
			accounts.Account{Owner: accounts.Token2022Program, Data: make([]byte, 100)}),
		"too short")
}
