package explain

import (
	"maps"
	"math"
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
)

// stakeAsset stands for staked lamports among the mints.
var stakeAsset = accounts.StakeProgram

// position is an asset, a mint, in an account.
type position struct{ account, asset solana.PublicKey }

// temporary is an account of the owner's that the transaction creates or makes the owner's.
type temporary struct {
	program solana.PublicKey
	// mint is that of a token account that is initialized.
	mint solana.PublicKey
	// open says that the account exists, and initialized that it has an owner.
	open, initialized bool
	// paid says that a program paid into it an amount that is not known.
	paid bool
}

// verifier follows the owner's assets through a transaction. What leaves counts with the most it may be, what arrives with the least.
type verifier struct {
	Policy
	explanation Explanation
	// at is the instruction at hand.
	at int
	// gains are what accounts of the owner's have gained at least, received what the recipient has, if that is somebody else.
	gains    map[position]*big.Int
	received map[solana.PublicKey]*big.Int
	// unlimited are assets that were paid to whoever receives the outcome without a limit.
	unlimited map[solana.PublicKey]bool
	temporary map[solana.PublicKey]*temporary
	// claims are accounts that an instruction makes the owner's, or uses up for the owner, with its position.
	claims map[solana.PublicKey]int
	// stakes is what has left stake accounts of the policy.
	stakes map[solana.PublicKey]*big.Int
	// associated are the token accounts of the owner and the recipient by mint, and opened those that the owner paid for.
	associated map[solana.PublicKey]associated
	opened     map[solana.PublicKey]bool
}

// associated is an associated token account.
type associated struct{ wallet, mint solana.PublicKey }

func newVerifier(e Explanation, p Policy) *verifier {
	v := &verifier{
		Policy: p, explanation: e, gains: make(map[position]*big.Int), received: make(map[solana.PublicKey]*big.Int),
		unlimited: make(map[solana.PublicKey]bool), temporary: make(map[solana.PublicKey]*temporary),
		claims: make(map[solana.PublicKey]int), stakes: make(map[solana.PublicKey]*big.Int),
		associated: make(map[solana.PublicKey]associated), opened: make(map[solana.PublicKey]bool),
	}
	mints := []solana.PublicKey{accounts.NativeMint}
	for i := range e.Instructions {
		in := &e.Instructions[i]
		if !in.Known() {
			continue
		}
		for _, a := range in.Amounts {
			if !a.Mint.IsZero() {
				mints = append(mints, a.Mint)
			}
		}
		for _, name := range []string{"mint", "pool mint", "destination mint", "mSOL mint", "stSOL mint", "LP mint", "output mint"} {
			if mint, ok := in.Account(name); ok {
				mints = append(mints, mint)
			}
		}
		v.expect(i, in)
	}
	for _, wallet := range []solana.PublicKey{p.Owner, p.Recipient} {
		seen := make(map[solana.PublicKey]bool)
		for _, mint := range mints {
			if seen[mint] {
				continue
			}
			seen[mint] = true
			for _, program := range []solana.PublicKey{accounts.TokenProgram, accounts.Token2022Program} {
				if address, err := accounts.AssociatedTokenAddress(wallet, program, mint); err == nil {
					v.associated[address] = associated{wallet, mint}
				}
			}
		}
	}
	return v
}

// expect notes accounts that an instruction makes the owner's: money may go there before.
func (v *verifier) expect(at int, in *Instruction) {
	switch {
	case in.is(nameSystem, "CreateAccountWithSeed"):
		v.seeded(in, in.key("new account"))
	case in.is(nameSystem, "AllocateWithSeed"):
		v.seeded(in, in.key("account"))
	case in.is(nameLido, "Withdraw") && in.key("token authority") == v.Owner,
		in.is(nameMarinade, "WithdrawStakeAccount") && in.key("token authority") == v.Owner:
		v.claim(at, in.key("destination stake account"))
	case in.is(nameMarinade, "OrderUnstake") && in.key("token authority") == v.Owner:
		v.claim(at, in.key("ticket"))
	case in.is(nameRouter, "SwapViaStake", "PrefundSwapViaStake", "PrefundWithdrawStake") && in.key("user") == v.Owner:
		bridge, err := accounts.RouterBridgeStake(in.Program, v.Owner, uint32(in.amount("bridge seed")))
		if err == nil && bridge == in.key("bridge stake account") {
			v.claim(at, bridge)
		}
	}
}

// claim makes an account one of the owner's from an instruction on.
func (v *verifier) claim(at int, account solana.PublicKey) {
	if account != v.Owner {
		v.claims[account] = at
	}
}

// seeded notes an account whose address comes from the owner, who alone can sign for it.
func (v *verifier) seeded(in *Instruction, account solana.PublicKey) {
	program := in.value("owner program").Key
	if in.value("base").Key != v.Owner || program != accounts.TokenProgram && program != accounts.StakeProgram {
		return
	}
	address, err := solana.CreateWithSeed(v.Owner, in.value("seed").raw, program)
	if err == nil && address == account && len(in.value("seed").raw) <= solana.MaxSeedLength {
		v.temporary[account] = &temporary{program: program}
	}
}

// add books what an account of the owner's gains, or loses.
func (v *verifier) add(account, asset solana.PublicKey, amount *big.Int) {
	at := position{account, asset}
	if v.gains[at] == nil {
		v.gains[at] = new(big.Int)
	}
	v.gains[at].Add(v.gains[at], amount)
}

func (v *verifier) gain(account, asset solana.PublicKey, amount uint64) {
	v.add(account, asset, new(big.Int).SetUint64(amount))
}

func (v *verifier) lose(account, asset solana.PublicKey, amount uint64) {
	amountOf := new(big.Int).SetUint64(amount)
	v.add(account, asset, amountOf.Neg(amountOf))
}

// empty is all an account of the owner's has gained of an asset, which leaves it.
func (v *verifier) empty(account, asset solana.PublicKey) *big.Int {
	all := v.gains[position{account, asset}]
	delete(v.gains, position{account, asset})
	if all == nil {
		return new(big.Int)
	}
	return all
}

// receive books what the recipient gets, if that is not the owner.
func (v *verifier) receive(asset solana.PublicKey, amount *big.Int) {
	if v.received[asset] == nil {
		v.received[asset] = new(big.Int)
	}
	v.received[asset].Add(v.received[asset], amount)
}

// owns says that an account is one of the owner's, or will be.
func (v *verifier) owns(account solana.PublicKey) bool {
	claimed, ok := v.claims[account]
	return account == v.Owner || v.temporary[account] != nil || v.associated[account].wallet == v.Owner || ok && claimed >= v.at
}

// leftovers refuses accounts that are left as somebody else could take them, and token accounts that no trade is for.
func (v *verifier) leftovers() error {
	for _, account := range slices.SortedFunc(maps.Keys(v.temporary), compareKeys) {
		if t := v.temporary[account]; t.open && !t.initialized {
			return v.refuse(ErrControl, "account %s is left to whoever initializes it", account)
		}
	}
	for _, account := range slices.SortedFunc(maps.Keys(v.opened), compareKeys) {
		if !v.opened[account] {
			return v.refuse(ErrTransfer, "pays for the token account %s, which nothing is paid into", account)
		}
	}
	return nil
}

func compareKeys(a, b solana.PublicKey) int { return slices.Compare(a[:], b[:]) }

// limits compares what has become of the owner's assets with the policy.
func (v *verifier) limits() error {
	total := make(map[solana.PublicKey]*big.Int)
	for at, gain := range v.gains {
		if total[at.asset] == nil {
			total[at.asset] = new(big.Int)
		}
		total[at.asset].Add(total[at.asset], gain)
	}
	for _, asset := range slices.SortedFunc(maps.Keys(total), compareKeys) {
		most := v.MaxTokens[asset]
		if isLamports(asset) {
			most = v.MaxLamports
		}
		if lost := new(big.Int).Neg(total[asset]); lost.Cmp(new(big.Int).SetUint64(most)) > 0 {
			return v.refuse(ErrTooMuch, "%d of %s, at most %d", lost, v.assetName(asset), most)
		}
	}
	for _, account := range slices.SortedFunc(maps.Keys(v.stakes), compareKeys) {
		if most := new(big.Int).SetUint64(v.MaxStake[account]); v.stakes[account].Cmp(most) > 0 {
			if v.stakes[account].Cmp(whole) >= 0 {
				return v.refuse(ErrTooMuch, "the whole stake account %s, at most %d lamports", account, most)
			}
			return v.refuse(ErrTooMuch, "%d lamports of the stake account %s, at most %d", v.stakes[account], account, most)
		}
	}
	if v.Recipient != v.Owner {
		total = v.received
	}
	least := maps.Clone(v.MinTokens)
	if least == nil {
		least = make(map[solana.PublicKey]uint64)
	}
	least[stakeAsset] = v.MinStake
	least[accounts.NativeMint] = max(v.MinLamports, least[accounts.NativeMint])
	for _, asset := range slices.SortedFunc(maps.Keys(least), compareKeys) {
		got := total[asset]
		if got == nil {
			got = new(big.Int)
		}
		switch {
		case least[asset] == 0 || got.Cmp(new(big.Int).SetUint64(least[asset])) >= 0:
		case v.unlimited[asset] && got.Sign() <= 0:
			return v.refuse(ErrNoLimit, "%d of %s wanted", least[asset], v.assetName(asset))
		default:
			return v.refuse(ErrTooLittle, "%d of %s, at least %d wanted", got, v.assetName(asset), least[asset])
		}
	}
	return nil
}

// whole is how much the whole of a stake account counts for.
var whole = new(big.Int).SetUint64(math.MaxUint64)

func (v *verifier) assetName(asset solana.PublicKey) string {
	switch asset {
	case accounts.NativeMint:
		return "SOL, in lamports"
	case stakeAsset:
		return "stake, in lamports"
	}
	return asset.String()
}
