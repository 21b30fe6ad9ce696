package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/gagliardetto/solana-go"
	"github.com/stretchr/testify/require"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/internal/figures"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/quote"
)

// forecast is the predicted content of all accounts of a world. It applies
// transactions without a virtual machine: package quote computes what each
// instruction moves, and the forecast books it. An account that is not in the
// map does not exist.
type forecast struct {
	t     testing.TB
	chain figures.Chain
	// builds are the hashes of the deployed programs.
	builds map[solana.PublicKey]string
	// infinity and reserve are the pools at the start. Their fees do not
	// change.
	infinity *figures.Infinity
	reserve  *figures.Reserve
	content  map[solana.PublicKey]accounts.Account
	// feesOf are the managers who received the fee of an update in the last
	// transaction.
	feesOf []solana.PublicKey
}

// booked is an instruction that a forecast applies.
type booked struct {
	*forecast
	explain.Instruction
}

// errNoForecast is the error of an instruction that no effect describes.
var errNoForecast = errors.New("no forecast of this instruction")

// effects are the effects of instructions, by program and name.
var effects = map[string]func(b booked) error{
	"compute budget: SetComputeUnitLimit":            func(booked) error { return nil },
	"compute budget: SetComputeUnitPrice":            func(booked) error { return nil },
	"compute budget: SetLoadedAccountsDataSizeLimit": func(booked) error { return nil },
	"system: Transfer":                               booked.transfer,
	"system: TransferWithSeed":                       booked.transfer,
	"system: CreateAccount":                          booked.create,
	"system: CreateAccountWithSeed":                  booked.create,
	"system: Allocate":                               booked.allocate,
	"system: AllocateWithSeed":                       booked.allocate,
	"system: Assign":                                 booked.allocate,
	"system: AssignWithSeed":                         booked.allocate,
	"associated token account: Create":               booked.createAssociated,
	"associated token account: CreateIdempotent":     booked.createAssociated,
	"token: Transfer":                                booked.transferTokens,
	"token: TransferChecked":                         booked.transferTokens,
	"token: SyncNative":                              booked.syncNative,
	"token: CloseAccount":                            booked.closeToken,
	"token: InitializeAccount3":                      booked.initializeToken,
	"stake: Authorize":                               booked.authorize,
	"stake: Split":                                   booked.split,
	"stake: Withdraw":                                booked.withdraw,
	"stake: Deactivate":                              booked.deactivate,
	"stake: Merge":                                   booked.merge,
	"stake pool: DepositSol":                         booked.depositSOL,
	"stake pool: DepositSolWithSlippage":             booked.depositSOL,
	"stake pool: WithdrawSol":                        booked.withdrawSOL,
	"stake pool: WithdrawSolWithSlippage":            booked.withdrawSOL,
	"stake pool: DepositStake":                       booked.depositStake,
	"stake pool: DepositStakeWithSlippage":           booked.depositStake,
	"stake pool: WithdrawStake":                      booked.withdrawStake,
	"stake pool: WithdrawStakeWithSlippage":          booked.withdrawStake,
	"stake pool: UpdateValidatorListBalance":         booked.updateList,
	"stake pool: UpdateStakePoolBalance":             booked.updateBalance,
	"stake pool: CleanupRemovedValidatorEntries":     booked.cleanUp,
	"Infinity: SwapExactIn":                          booked.swap,
	"Infinity: SwapExactOut":                         booked.swap,
	"Infinity: AddLiquidity":                         booked.addLiquidity,
	"Infinity: RemoveLiquidity":                      booked.removeLiquidity,
	"Infinity: SyncSolValue":                         booked.syncValue,
	"Reserve: Unstake":                               booked.sellStake,
	"Reserve: UnstakeWsol":                           booked.sellStake,
	"Reserve: AddLiquidity":                          booked.addReserve,
	"Reserve: RemoveLiquidity":                       booked.removeReserve,
	"Marinade: Deposit":                              booked.marinadeDeposit,
	"Marinade: LiquidUnstake":                        booked.marinadeUnstake,
	"Marinade: DepositStakeAccount":                  booked.marinadeDepositStake,
	"Marinade: WithdrawStakeAccount":                 booked.marinadeWithdrawStake,
	"Marinade: OrderUnstake":                         booked.marinadeOrder,
	"Marinade: Claim":                                booked.marinadeClaim,
	"Lido: UpdateExchangeRate":                       booked.lidoUpdate,
	"Lido: Withdraw":                                 booked.lidoWithdraw,
	"Router: StakeWrappedSol":                        booked.routerStake,
	"Router: WithdrawWrappedSol":                     booked.routerWithdraw,
	"Router: DepositStake":                           booked.routerDepositStake,
	"Router: SwapViaStake":                           booked.routerSwap,
	"Router: PrefundWithdrawStake":                   booked.routerPrefund,
	"Router: PrefundSwapViaStake":                    booked.routerPrefundSwap,
}

// apply applies a transaction. The forecast stays as it was if an instruction
// fails.
func (f *forecast) apply(tx explain.Explanation) error {
	f.feesOf = nil
	before := maps.Clone(f.content)
	f.addLamports(tx.Payer, -tx.NetworkFee)
	for i, in := range tx.Instructions {
		name := in.ProgramName + ": " + in.Name
		effect := effects[name]
		err := errNoForecast
		if effect != nil {
			err = effect(booked{f, in})
		}

		if err != nil {
			f.content = before
			return fmt.Errorf("instruction %d, %s: %w", i, name, err)
		}
	}

	maps.DeleteFunc(f.content,
		func(_ solana.PublicKey, a accounts.Account) bool { return a.Lamports == 0 })

	return nil
}

// key returns the account of a role.
func (b booked) key(role string) solana.PublicKey {
	key, ok := b.Account(role)
	require.True(b.t, ok, "%s: no %s", b.Name, role)
	return key
}

// amount returns an amount of the instruction.
func (b booked) amount(name string) uint64 {
	amount, ok := b.Amount(name)
	require.True(b.t, ok, "%s: no %s", b.Name, name)
	return amount
}

// value returns a key in the data of the instruction.
func (b booked) value(name string) solana.PublicKey {
	at := slices.IndexFunc(b.Values, func(v explain.Value) bool { return v.Name == name })
	require.GreaterOrEqual(b.t, at, 0, "%s: no %s", b.Name, name)
	return b.Values[at].Key
}

// at returns an account, or an empty one if it does not exist.
func (f *forecast) at(key solana.PublicKey) accounts.Account {
	if a, ok := f.content[key]; ok {
		return a
	}
	return accounts.Account{Address: key, Owner: accounts.SystemProgram}
}

// addLamports adds lamports to an account, modulo 2^64.
func (f *forecast) addLamports(key solana.PublicKey, lamports uint64) {
	a := f.at(key)
	a.Lamports += lamports
	f.content[key] = a
}

// put replaces the beginning of an account's data.
func (f *forecast) put(key solana.PublicKey, packed []byte) {
	a := f.at(key)
	require.LessOrEqual(f.t, len(packed), len(a.Data), "%s is too small", key)
	a.Data = bytes.Clone(a.Data)
	copy(a.Data, packed)
	f.content[key] = a
}

// clear closes an account.
func (f *forecast) clear(key solana.PublicKey) {
	f.content[key] = accounts.Account{Address: key, Owner: accounts.SystemProgram}
}

// decoded decodes an account of a forecast.
func decoded[T any](
	f *forecast,
	key solana.PublicKey,
	decode func(accounts.Account) (*T, error),
) *T {
	f.t.Helper()
	value, err := decode(f.at(key))
	require.NoError(f.t, err, "%s", key)
	return value
}

// token returns a token account.
func (f *forecast) token(key solana.PublicKey) *accounts.TokenAccount {
	return decoded(f, key, accounts.DecodeTokenAccount)
}

// addTokens adds tokens to a token account, modulo 2^64. The lamports of
// wrapped SOL move as well.
func (f *forecast) addTokens(key solana.PublicKey, amount uint64) {
	t := f.token(key)
	t.Amount += amount
	f.put(key, t.Encode())
	if t.Mint == accounts.NativeMint {
		f.addLamports(key, amount)
	}
}

// addSupply adds tokens to the supply of a mint, modulo 2^64.
func (f *forecast) addSupply(mint solana.PublicKey, amount uint64) {
	m := decoded(f, mint, accounts.DecodeMint)
	m.Supply += amount
	f.put(mint, m.Encode())
}

// stake returns a stake account, or nil if it does not exist.
func (f *forecast) stake(key solana.PublicKey) *quote.StakeAccountState {
	a := f.at(key)
	if a.Owner != accounts.StakeProgram {
		return nil
	}
	account := decoded(f, key, accounts.DecodeStakeAccount)
	return &quote.StakeAccountState{Lamports: a.Lamports, Account: *account}
}

// putStake replaces a stake account. It closes the account for nil.
func (f *forecast) putStake(key solana.PublicKey, s *quote.StakeAccountState) {
	if s == nil {
		f.clear(key)
		return
	}

	a := f.at(key)
	a.Owner, a.Lamports = accounts.StakeProgram, s.Lamports
	if len(a.Data) == 0 {
		a.Data = make([]byte, accounts.StakeAccountSpace)
	}

	f.content[key] = a
	f.put(key, s.Account.Encode())
}

// rent returns the rent of an account.
func (f *forecast) rent(space uint64) uint64 {
	rent, err := f.chain.Rent.MinimumBalance(space)
	require.NoError(f.t, err)
	return rent
}

// different compares accounts with those of the server. It describes the
// accounts that differ.
func (f *forecast) different(keys []solana.PublicKey, actual *accounts.Set) []string {
	var texts []string
	for _, key := range keys {
		want := f.at(key)
		got, err := actual.Get(key)
		if err != nil {
			got = accounts.Account{Address: key, Owner: accounts.SystemProgram}
		}

		if want.Lamports == got.Lamports && want.Owner == got.Owner &&
			bytes.Equal(want.Data, got.Data) {
			continue
		}

		predicted, found := onlyDifferent(describe(want), describe(got))
		texts = append(texts, fmt.Sprintf("account %s of %s:\n  predicted %s\n  real      %s", key,
			got.Owner, predicted, found))
	}

	return texts
}

// onlyDifferent leaves the words out that are the same in both texts, if the
// texts have as many words.
func onlyDifferent(a, b string) (string, string) {
	ours, theirs := strings.Fields(a), strings.Fields(b)
	if len(ours) != len(theirs) {
		return a, b
	}

	var left, right []string
	for i := range ours {
		if ours[i] != theirs[i] {
			left, right = append(left, ours[i]), append(right, theirs[i])
		}
	}

	return strings.Join(left, " "), strings.Join(right, " ")
}

// describe is the content of an account in one line.
func describe(a accounts.Account) string {
	var value any
	var err error
	switch a.Owner {
	case accounts.TokenProgram:
		if value, err = accounts.DecodeTokenAccount(a); err != nil {
			value, err = accounts.DecodeMint(a)
		}

	case accounts.StakeProgram:
		value, err = accounts.DecodeStakeAccount(a)
	case accounts.ReserveProgram:
		value, err = accounts.DecodeReservePool(a)
	case accounts.MarinadeProgram:
		value, err = accounts.DecodeMarinadeState(a)
	case accounts.LidoProgram:
		value, err = accounts.DecodeLidoState(a)
	case accounts.InfinityProgram:
		value, err = accounts.DecodePoolState(a)
	default:
		if value, err = accounts.DecodeStakePool(a); err != nil {
			value, err = accounts.DecodeValidatorList(a)
		}
	}

	if err != nil {
		return fmt.Sprintf("%d lamports of %s, %d bytes %x", a.Lamports, a.Owner, len(a.Data),
			a.Data[:min(len(a.Data), 200)])
	}

	return fmt.Sprintf("%d lamports of %s, %+v", a.Lamports, a.Owner, value)
}
