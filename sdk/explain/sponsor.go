package explain

import (
	"math/big"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/txn"
)

// SponsorPolicy states what a sponsor accepts. The sponsor pays for a
// transaction but owns nothing in it. A limit that is not set is zero and
// allows nothing, unless its comment states another default.
//
// The client's SponsorPolicy derives the tightest policy from a quote.
type SponsorPolicy struct {
	// Sponsor is the fee payer that the policy protects. It is required.
	Sponsor solana.PublicKey
	// MaxNetworkFee is the maximum network fee in lamports. Zero means
	// [DefaultMaxNetworkFee].
	MaxNetworkFee uint64
	// MaxAdvance is the maximum number of lamports that the sponsor may have
	// advanced at any time. All of them must come back within the transaction.
	MaxAdvance uint64
	// MaxNewAccounts is the maximum number of token accounts that the sponsor
	// pays for. MaxRent is the maximum sum of their rents in lamports, which do
	// not come back. The accounts must belong to one of Wallets and hold one of
	// Mints.
	MaxNewAccounts int
	MaxRent        uint64
	Wallets, Mints []solana.PublicKey
	// TokenAccountRent is the rent of a token account in lamports, and
	// StakeAccountRent that of a stake account. They are required if the
	// sponsor pays a rent that no instruction names.
	TokenAccountRent, StakeAccountRent uint64
	// TokenRents are the rents of associated token accounts of Token-2022
	// mints, see [Policy].TokenRents.
	TokenRents map[solana.PublicKey]uint64
	// Transfers permits plain transfers of the sponsor, such as tips, to the
	// given destinations, with the maximum number of lamports for each.
	Transfers map[solana.PublicKey]uint64
	// Nonce is the nonce account that the transaction may use, and its
	// authority. Zero permits no nonce.
	Nonce txn.DurableNonce
}

// sponsorPlaces lists the roles in which an instruction may name the sponsor,
// by program and instruction.
var sponsorPlaces = map[string][]string{
	nameSystem + " Transfer":                   {"source", "destination"},
	nameSystem + " TransferWithSeed":           {"destination"},
	nameSystem + " CreateAccountWithSeed":      {"funder"},
	nameSystem + " AdvanceNonceAccount":        {"authority"},
	nameAssociatedToken + " Create":            {"funder"},
	nameToken + " CloseAccount":                {"destination"},
	nameStake + " Withdraw":                    {"destination"},
	nameMarinade + " WithdrawStakeAccount":     {"rent payer"},
	nameLighthouse + " AssertAccountInfo":      {"target account"},
	nameLighthouse + " AssertAccountInfoMulti": {"target account"},
}

// sponsorship follows the sponsor's lamports through a transaction.
type sponsorship struct {
	SponsorPolicy
	at int
	// out is the amount that the sponsor has advanced and not yet got back, in
	// lamports.
	out *big.Int
	// pots are the accounts that the transaction creates.
	pots map[solana.PublicKey]*pot
	// transferred are the lamports that permitted transfers take, by
	// destination.
	transferred map[solana.PublicKey]*big.Int
	// given are the token accounts that the sponsor pays for, with their rents.
	given map[solana.PublicKey]uint64
	// closed are the rents of accounts that the sponsor paid for and that are
	// closed again. They do not come back to the sponsor.
	closed []uint64
}

// pot is an account that the transaction creates. It is empty at first.
type pot struct {
	// least is the minimum balance in lamports.
	least *big.Int
	// wraps is set if the account is a wrapped SOL token account.
	wraps bool
}

// VerifySponsor checks a transaction on behalf of its fee payer. It returns a
// [*VerifyError] unless the fee payer's signature serves only to pay: the
// network fee, rents that certainly come back within the transaction, and token
// accounts of the wallets and mints that the policy names.
//
// VerifySponsor does not protect the owner of the traded assets; [Verify] does.
func VerifySponsor(explanation Explanation, policy SponsorPolicy) error {
	s := &sponsorship{
		SponsorPolicy: policy,
		at:            -1,
		out:           new(big.Int),
		pots:          make(map[solana.PublicKey]*pot),
		given:         make(map[solana.PublicKey]uint64),
		transferred:   make(map[solana.PublicKey]*big.Int),
	}
	if s.MaxNetworkFee == 0 {
		s.MaxNetworkFee = DefaultMaxNetworkFee
	}

	switch {
	case policy.Sponsor.IsZero():
		return s.refuse(ErrPolicy, "no sponsor")
	case explanation.Payer != policy.Sponsor:
		return s.refuse(ErrWrongFeePayer, "%s", explanation.Payer)
	case explanation.NetworkFee > s.MaxNetworkFee:
		return s.refuse(ErrNetworkFee, "%s, at most %d", explanation.fee(), s.MaxNetworkFee)
	}

	for at := range explanation.Instructions {
		s.at = at
		if err := s.instruction(&explanation.Instructions[at]); err != nil {
			return err
		}
	}

	s.at = -1

	return s.end()
}

func (s *sponsorship) refuse(reason error, format string, args ...any) error {
	return (&ledger{at: s.at}).refuse(reason, format, args...)
}

// end compares the amounts that did not come back with the policy.
func (s *sponsorship) end() error {
	given := len(s.given) + len(s.closed)
	rent := new(big.Int)
	for _, lamports := range s.given {
		rent.Add(rent, number64(lamports))
	}

	for _, lamports := range s.closed {
		rent.Add(rent, number64(lamports))
	}

	switch {
	case s.out.Sign() > 0:
		return s.refuse(ErrSpendLimit, "%d lamports of the sponsor do not come back", s.out)
	case given > s.MaxNewAccounts:
		return s.refuse(ErrFormNotAllowed, "%d new accounts, at most %d", given, s.MaxNewAccounts)
	case rent.Cmp(number64(s.MaxRent)) > 0:
		return s.refuse(
			ErrSpendLimit,
			"%d lamports of rent for new accounts, at most %d",
			rent,
			s.MaxRent,
		)
	}

	return nil
}

func (s *sponsorship) instruction(in *Instruction) error {
	if !in.Known() {
		return s.refuse(ErrUnknownInstruction, "%s", in.Summary)
	}

	name := in.Name
	if in.ProgramName == nameAssociatedToken {
		name = "Create"
	}

	for _, a := range in.Accounts {
		if a.Address == s.Sponsor &&
			!slices.Contains(sponsorPlaces[in.ProgramName+" "+name], a.Role) {
			return s.refuse(ErrOwnerExposed, "as the %s of %s", a.Role, in.Name)
		}
	}

	lamports := number64(in.amount("lamports"))
	switch {
	case in.is(nameSystem, "AdvanceNonceAccount"):
		if in.key("nonce account") != s.Nonce.Account || in.key("authority") != s.Nonce.Authority {
			return s.refuse(ErrNonceNotAllowed, "%s, by %s", in.key("nonce account"),
				in.key("authority"))
		}

	case in.is(nameSystem, "Transfer") && in.key("source") == s.Sponsor &&
		s.Transfers[in.key("destination")] > 0:
		return s.tip(in.key("destination"), lamports)
	case in.is(nameSystem, "Transfer", "TransferWithSeed"):
		s.move(in.key("source"), in.key("destination"), lamports)
	case in.is(nameSystem, "CreateAccountWithSeed"):
		s.pots[in.key("new account")] = &pot{least: new(big.Int)}
		s.move(in.key("funder"), in.key("new account"), lamports)
	case in.is(nameToken, "InitializeAccount3"):
		if pot := s.pots[in.key("token account")]; pot != nil {
			pot.wraps = in.key("mint") == lamportsAsset
		}

	case in.is(nameToken, "Transfer", "TransferChecked"):
		s.transfer(in.key("source"), in.key("destination"), number64(in.amount("amount")))
	case in.is(nameToken, "CloseAccount"):
		s.closeToken(in)
	case in.is(nameStake, "Withdraw"):
		s.move(in.key("stake account"), in.key("destination"), lamports)
	case in.is(nameMarinade, "WithdrawStakeAccount") && in.key("rent payer") == s.Sponsor:
		if s.StakeAccountRent == 0 {
			return s.refuse(ErrPolicy, "StakeAccountRent is not set")
		}

		s.out.Add(s.out, number64(s.StakeAccountRent))

	case in.ProgramName == nameAssociatedToken && in.key("funder") == s.Sponsor:
		return s.give(in)
	default:
		s.used(in)
	}

	if s.out.Cmp(number64(s.MaxAdvance)) > 0 {
		return s.refuse(ErrSpendLimit, "%d lamports are advanced, at most %d", s.out, s.MaxAdvance)
	}

	return nil
}

// tip books a permitted transfer of the sponsor.
func (s *sponsorship) tip(to solana.PublicKey, lamports *big.Int) error {
	book(s.transferred, to, lamports)
	if sum, most := s.transferred[to], s.Transfers[to]; sum.Cmp(number64(most)) > 0 {
		return s.refuse(ErrSpendLimit, "%d lamports are transferred to %s, at most %d", sum, to,
			most)
	}

	return nil
}

// move books a transfer of lamports between two accounts.
func (s *sponsorship) move(from, to solana.PublicKey, lamports *big.Int) {
	s.add(from, minus(lamports))
	s.add(to, lamports)
}

func (s *sponsorship) add(account solana.PublicKey, lamports *big.Int) {
	if account == s.Sponsor {
		s.out.Sub(s.out, lamports)
	} else if pot := s.pots[account]; pot != nil {
		pot.least.Add(pot.least, lamports)
	}
}

// transfer books a transfer of wrapped SOL between two pots. Tokens of other
// accounts may have any mint and do not count.
func (s *sponsorship) transfer(from, to solana.PublicKey, amount *big.Int) {
	source, destination := s.pots[from], s.pots[to]
	if source == nil || !source.wraps {
		return
	}
	source.least.Sub(source.least, amount)
	if destination != nil && destination.wraps {
		destination.least.Add(destination.least, amount)
	}
}

// used resets the minimum balance of pots from which another program may have
// taken lamports.
func (s *sponsorship) used(in *Instruction) {
	if in.ProgramName == nameSystem || in.ProgramName == nameToken || in.spec.reads {
		return
	}
	for _, a := range in.Accounts {
		if pot := s.pots[a.Address]; pot != nil {
			pot.least = new(big.Int)
		}
	}
}

// closeToken closes a pot and returns its minimum balance.
func (s *sponsorship) closeToken(in *Instruction) {
	account := in.key("account")
	if rent, ok := s.given[account]; ok {
		// Its rent is gone, and it can be created again.
		delete(s.given, account)
		s.closed = append(s.closed, rent)
	}

	if pot := s.pots[account]; pot != nil && pot.least.Sign() > 0 {
		s.move(account, in.key("destination"), new(big.Int).Set(pot.least))
	}
}

// give books a token account that the sponsor pays for.
func (s *sponsorship) give(in *Instruction) error {
	switch {
	case !slices.Contains(s.Wallets, in.key("wallet")) || !slices.Contains(s.Mints, in.key("mint")):
		return s.refuse(ErrWrongRecipient, "%s", in.Summary)
	case s.TokenAccountRent == 0:
		return s.refuse(ErrPolicy, "TokenAccountRent is not set")
	}

	rent, ok := in.tokenRent(s.TokenRents, s.TokenAccountRent)
	if !ok {
		return s.refuse(ErrPolicy, "TokenRents has no rent for the mint %s", in.key("mint"))
	}

	s.given[in.key("token account")] = rent
	return nil
}
