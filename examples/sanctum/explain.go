package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk"
	"github.com/sanctum-go/sanctum/sdk/explain"
	"github.com/sanctum-go/sanctum/sdk/lst"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// longestInput is a size in bytes that no transaction in base64 reaches.
const longestInput = 64 << 10

// limits are the flags of explain: the most that the transaction may spend, and
// the least that it must bring.
type limits struct {
	owner, payer, recipient    string
	pay, receive               texts
	stakeAccounts              texts
	receiveStake, maxRent      string
	newAccounts                int
	deactivate, limitsAreThere bool
}

// texts is a flag that may be repeated.
type texts []string

// String returns the flag's value.
func (t *texts) String() string { return strings.Join(*t, ", ") }

// Set adds a value.
func (t *texts) Set(text string) error {
	*t = append(*t, text)
	return nil
}

func (l *limits) register(set *flag.FlagSet) {
	set.StringVar(&l.owner, "owner", "", "`wallet` of the owner; without it the fee payer")
	set.StringVar(&l.payer, "payer", "", "`wallet` that may pay the fee, if not the owner")
	set.StringVar(&l.recipient, "recipient", "",
		"`wallet` that must receive the outcome, if not the owner")
	set.Var(&l.pay, "pay", "maximum to pay, as `1.5SOL` or 2jitoSOL; repeat it for several tokens")
	set.Var(&l.receive, "receive",
		"minimum to receive, as `1.24jitoSOL`; repeat it for several tokens")
	set.Var(&l.stakeAccounts, "pay-stake",
		"`address` of a stake account that may be spent as a whole")
	set.StringVar(&l.receiveStake, "receive-stake", "", "minimum `SOL` of stake to receive")
	set.BoolVar(&l.deactivate, "deactivate", false, "the received stake may be deactivated")
	set.IntVar(&l.newAccounts, "new-accounts", 2,
		"maximum number of `accounts` to create at the owner's cost")
	set.StringVar(&l.maxRent, "max-rent", "0.01", "maximum `SOL` of rent in these accounts")
}

// explainTransaction explains a transaction of any origin, and verifies that it
// stays within the limits of the flags.
func explainTransaction(ctx context.Context, args []string, c *console) error {
	var f flags
	var l limits
	set := flagSet("explain")
	f.registerNode(set)
	l.register(set)
	transaction := set.String("transaction", "",
		"transaction in `base64`; without it, it is read from the standard input")
	if done, err := c.parse(set, args); done {
		return err
	}

	l.limitsAreThere = len(l.pay)+len(l.receive)+len(l.stakeAccounts) > 0 || l.receiveStake != ""

	s, err := start(f, c)
	if err != nil {
		return err
	}

	text, err := s.readTransaction(*transaction)
	if err != nil {
		return err
	}

	policy, err := s.policy(l, text)
	if err != nil {
		return err
	}

	step := s.begin("Reading lookup tables, rents and balances")
	defer step.end()
	review, refusal := s.Client.Review(ctx, text, policy)
	if review == nil {
		return refusal
	}

	step.end()

	if !l.limitsAreThere {
		refusal = nil
	}

	if f.JSON {
		err = s.printJSON(newReviewJSON(review, l, refusal))
	} else if err = s.banner(); err == nil {
		s.showReview(review, l, refusal)
	}

	return errors.Join(err, refusal)
}

// readTransaction reads a transaction in base64 and removes white space.
func (s *session) readTransaction(text string) (string, error) {
	if text == "" {
		if s.live {
			fmt.Fprintln(s.err, "Paste a transaction in base64, then press Enter and Ctrl-D.")
		}

		raw, err := io.ReadAll(io.LimitReader(bufio.NewReader(s.in), longestInput))
		if err != nil {
			return "", fmt.Errorf("read the transaction: %w", err)
		}

		text = string(raw)
	}

	text = strings.Join(strings.Fields(text), "")
	if text == "" {
		return "", errors.New("no transaction (paste it in base64, or name it with -transaction)")
	}

	return text, nil
}

// policy converts the flags to a policy.
func (s *session) policy(l limits, text string) (policy explain.Policy, err error) {
	for _, wallet := range []struct {
		name string
		text string
		key  *solana.PublicKey
	}{
		{"owner", l.owner, &policy.Owner},
		{"payer", l.payer, &policy.Payer},
		{"recipient", l.recipient, &policy.Recipient},
	} {
		if wallet.text == "" {
			continue
		}

		if *wallet.key, err = solana.PublicKeyFromBase58(wallet.text); err != nil {
			return policy, fmt.Errorf("-%s %q is not an address: %w", wallet.name, wallet.text, err)
		}
	}

	if policy.Owner.IsZero() {
		if policy.Owner, err = feePayer(text); err != nil {
			return policy, err
		}
	}

	policy.MaxTokens = map[solana.PublicKey]uint64{}
	policy.MinTokens = map[solana.PublicKey]uint64{}
	if err := s.addLimits(l.pay, &policy.MaxLamports, policy.MaxTokens); err != nil {
		return policy, fmt.Errorf("-pay: %w", err)
	}

	if err := s.addLimits(l.receive, &policy.MinLamports, policy.MinTokens); err != nil {
		return policy, fmt.Errorf("-receive: %w", err)
	}

	policy.MaxStake = map[solana.PublicKey]uint64{}
	for _, address := range l.stakeAccounts {
		key, err := solana.PublicKeyFromBase58(address)
		if err != nil {
			return policy, fmt.Errorf("-pay-stake %q is not an address: %w", address, err)
		}

		policy.MaxStake[key] = math.MaxUint64
	}

	if l.receiveStake != "" {
		if policy.MinStake, err = lst.ParseAmount(l.receiveStake, 9); err != nil {
			return policy, fmt.Errorf("-receive-stake: %w", err)
		}
	}

	if policy.MaxRent, err = lst.ParseAmount(l.maxRent, 9); err != nil {
		return policy, fmt.Errorf("-max-rent: %w", err)
	}

	policy.MaxNewAccounts, policy.DeactivateReceived = l.newAccounts, l.deactivate

	return policy, nil
}

// addLimits parses amounts such as 1.5SOL or 2jitoSOL.
func (s *session) addLimits(
	amounts []string,
	lamports *uint64,
	tokens map[solana.PublicKey]uint64,
) error {
	for _, text := range amounts {
		at := strings.IndexFunc(text, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		if at <= 0 {
			return fmt.Errorf("%q is not an amount with its token, such as 1.5SOL", text)
		}

		token, err := s.Registry.Lookup(strings.TrimSpace(text[at:]))
		if err != nil {
			return err
		}

		units, err := token.Parse(text[:at])
		if err != nil {
			return err
		}

		if token.Mint == accounts.NativeMint {
			*lamports = units
		} else {
			tokens[token.Mint] = units
		}
	}

	return nil
}

// feePayer reads the first signer from the bytes of a transaction.
func feePayer(text string) (solana.PublicKey, error) {
	if _, err := txn.ReadEnvelope(text); err != nil {
		return solana.PublicKey{}, err
	}
	tx, err := solana.TransactionFromBase64(text)
	if err != nil || len(tx.Message.AccountKeys) == 0 {
		return solana.PublicKey{}, errors.New(
			"the fee payer cannot be read (name the wallet with -owner)",
		)
	}
	return tx.Message.AccountKeys[0], nil
}

// reviewJSON is the output of explain with -json.
type reviewJSON struct {
	Owner       solana.PublicKey    `json:"owner"`
	Missing     []solana.PublicKey  `json:"missing_signatures"`
	Explanation explain.Explanation `json:"explanation"`
	// Verified reports whether limits were given and are kept. Refusal is the
	// reason if they are not kept.
	Verified bool   `json:"verified"`
	Refusal  string `json:"refusal,omitempty"`
}

func newReviewJSON(review *sdk.Review, l limits, refusal error) reviewJSON {
	j := reviewJSON{
		Owner:       review.Policy.Owner,
		Missing:     append([]solana.PublicKey{}, review.Transaction.MissingSigners()...),
		Explanation: review.Explanation,
		Verified:    l.limitsAreThere && refusal == nil,
	}
	if refusal != nil {
		j.Refusal = refusal.Error()
	}
	return j
}

func (s *session) showReview(review *sdk.Review, l limits, refusal error) {
	e := review.Explanation
	missing := make(map[solana.PublicKey]bool)
	for _, key := range review.Transaction.MissingSigners() {
		missing[key] = true
	}

	s.say("Transaction of %d of %d bytes, version %s", e.Size, e.Version.MaxSize(),
		e.Version)
	s.field("fee payer", "%s", e.Payer)
	for _, key := range e.Signers {
		state := "has signed"
		if missing[key] {
			state = "signature missing"
		}

		s.field("signer", "%s, %s", key, state)
	}

	estimated := ""
	if !e.FeeKnown {
		estimated = " (estimate)"
	}

	s.field("network fee", "at most %s%s", formatSOL(e.NetworkFee), estimated)

	fmt.Fprintln(s.out, "Instructions")
	for i, instruction := range e.Instructions {
		words := strings.ReplaceAll(instruction.Summary, review.Policy.Owner.String(), "the owner")
		writeItem(s.out, s.width, fmt.Sprintf("%d. ", i+1), s.readable(words))
	}

	fmt.Fprintln(s.out, "Verdict")
	switch {
	case !l.limitsAreThere:
		s.field("not checked", "name what may leave and what has to arrive, for example with "+
			"-pay 1.5SOL -receive 1.24jitoSOL")
	case refusal != nil:
		s.field("refused", "%s", s.readable(refusal.Error()))
	default:
		s.field("verified", "for the owner %s, within the limits", review.Policy.Owner)
		for _, amount := range l.pay {
			s.field("may leave", "at most %s", amount)
		}

		for _, amount := range l.receive {
			s.field("arrives", "at least %s", amount)
		}
	}
}
