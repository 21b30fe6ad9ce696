package route

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/gagliardetto/solana-go"
)

// MaxPortableSize is the size in bytes up to which the JSON of a
// [PortableQuote] is read.
const MaxPortableSize = 16_384

// errQuoteJSON is the error of reading JSON into a Quote.
var errQuoteJSON = &PortableQuoteError{Reason: "a market makes a Quote " +
	"(read the JSON into a PortableQuote, and call Market.Requote)"}

// MarshalJSON returns the JSON of [Quote.Portable].
func (q Quote) MarshalJSON() ([]byte, error) { return json.Marshal(q.Portable()) }

// UnmarshalJSON always returns a [*PortableQuoteError]: read the JSON into a
// [PortableQuote], and call [Market.Requote].
func (q *Quote) UnmarshalJSON([]byte) error { return errQuoteJSON }

// UnmarshalJSON reads the JSON of a portable quote, and leaves Expected as it
// is. It is strict: it returns a [*PortableQuoteError] for an unknown version,
// a field that is missing, unknown, repeated or spelled in another case, a
// value of another type or out of range, amounts that contradict each other,
// and more than [MaxPortableSize] bytes. The value then stays as it was.
func (p *PortableQuote) UnmarshalJSON(text []byte) error {
	if p == nil {
		return &PortableQuoteError{Reason: "no value to read into (pass a pointer to one)"}
	}

	switch {
	case len(text) > MaxPortableSize:
		return &PortableQuoteError{Reason: fmt.Sprintf("%d bytes, at most %d", len(text),
			MaxPortableSize)}
	case !utf8.Valid(text):
		return &PortableQuoteError{Reason: "not UTF-8"}
	}

	o, err := readObject("", text)
	if err != nil {
		return err
	}

	if version := o.number("version", mostSlot); o.err == nil && version != PortableVersion {
		return o.at("version").because("version %d (this module reads version %d)", version,
			PortableVersion)
	}

	read := readQuote(o)
	if err := o.done(); err != nil {
		return err
	}

	if err := read.check(); err != nil {
		return err
	}

	read.Expected = p.Expected
	*p = read

	return nil
}

// readQuote reads the fields of a portable quote, except the version.
func readQuote(o *object) PortableQuote {
	p := PortableQuote{
		Version:              PortableVersion,
		Shape:                Shape(o.text("shape", longestName)),
		Through:              o.optional("through").key("through"),
		NeedsTwoTransactions: o.flag("needsTwoTransactions"),
		Slot:                 o.number("slot", mostSlot),
		Epoch:                o.number("epoch", mostSlot),
		ExactAtSlot:          o.optional("exactAtSlot").number("exactAtSlot", mostSlot),
		ValidUntilSlot:       o.number("validUntilSlot", mostSlot),
		In:                   o.amount("in"),
		Out:                  o.amount("out"),
		MinOut:               o.amount("minOut"),
		MaxIn:                o.amount("maxIn"),
		NetIn:                o.amount("netIn"),
		NetOut:               o.amount("netOut"),
		Exact:                o.boolean("exact"),
		Price:                o.decimal("price"),
		PriceImpact:          o.optional("priceImpact").decimal("priceImpact"),
		UpfrontRent:          o.optional("upfrontRent").amount("upfrontRent"),
		ReturnedSOL:          o.optional("returnedSol").amount("returnedSol"),
		AddedSOL:             o.optional("addedSol").amount("addedSol"),
		IntermediateDust:     o.optional("intermediateDust").amount("intermediateDust"),
		ComputeUnits:         o.number("computeUnits", 1<<32-1),
		GivesReceipt:         o.flag("givesReceipt"),
		LookupTables:         o.keys("lookupTables"),
	}

	o.word("minOutCheck", &p.MinOutCheck)
	o.object("request", func(o *object) { p.Request = readRequest(o) })
	o.list("legs", mostLegs, func(o *object) { p.Legs = append(p.Legs, readLeg(o)) })
	o.optionalList("fees", func(o *object) { p.Fees = append(p.Fees, readFee(o)) })
	o.optionalList("costs", func(o *object) { p.Costs = append(p.Costs, readCost(o)) })
	o.optionalList("stakeAccounts", func(o *object) {
		p.StakeAccounts = append(p.StakeAccounts, readStake(o))
	})

	return p
}

func readRequest(o *object) PortableRequest {
	r := PortableRequest{
		From:               o.key("from"),
		To:                 o.key("to"),
		Amount:             o.amount("amount"),
		SlippageBps:        uint16(o.number("slippageBps", MaxSlippageBps)),
		AllowPoolUpdate:    o.flag("allowPoolUpdate"),
		UseWSOL:            o.flag("useWsol"),
		Deactivate:         o.flag("deactivate"),
		AcceptReceipt:      o.flag("acceptReceipt"),
		AllowVersion1:      o.flag("allowVersion1"),
		MergeStake:         o.keys("mergeStake"),
		MaxPrefund:         o.optional("maxPrefund").amount("maxPrefund"),
		ComputeUnitPrice:   o.optional("computeUnitPrice").amount("computeUnitPrice"),
		Recipient:          o.optional("recipient").key("recipient"),
		Referrer:           o.optional("referrer").key("referrer"),
		SourceAccount:      o.optional("sourceAccount").key("sourceAccount"),
		DestinationAccount: o.optional("destinationAccount").key("destinationAccount"),
	}

	o.word("swapMode", &r.SwapMode)
	if o.has("integratorFee") {
		o.object("integratorFee", func(o *object) { r.IntegratorFee = readIntegratorFee(o) })
	}

	return r
}

func readIntegratorFee(o *object) IntegratorFee {
	return IntegratorFee{
		BPS:     uint16(o.optional("bps").number("bps", MaxSlippageBps)),
		Amount:  o.optional("amount").amount("amount"),
		OnInput: o.flag("onInput"),
		Account: o.key("account"),
	}
}

func readLeg(o *object) PortableLeg {
	return PortableLeg{
		Venue:      Venue(o.text("venue", longestVenue)),
		Validators: o.keys("validators"),
		Amount:     o.amount("amount"),
		In:         o.amount("in"),
		Out:        o.amount("out"),
		MinOut:     o.amount("minOut"),
		MaxIn:      o.amount("maxIn"),
	}
}

func readFee(o *object) PortableFee {
	return PortableFee{
		Name:   o.text("name", longestName),
		Amount: o.amount("amount"),
		Mint:   o.key("mint"),
		Rate:   o.optional("rate").decimal("rate"),
	}
}

func readCost(o *object) PortableCost {
	return PortableCost{
		Name:        o.text("name", longestName),
		Lamports:    o.amount("lamports"),
		Recoverable: o.flag("recoverable"),
	}
}

func readStake(o *object) PortableStake {
	return PortableStake{
		Vote:     o.key("vote"),
		Stake:    o.amount("stake"),
		MinStake: o.amount("minStake"),
		Rent:     o.amount("rent"),
	}
}

// keys reads a list of public keys that may be missing.
func (o *object) keys(name string) (keys []solana.PublicKey) {
	o.elements(name, mostKeys, func(path string, text json.RawMessage) {
		value := &object{path: path, values: map[string]json.RawMessage{"": text}}
		keys = append(keys, value.key(""))
		o.keep(value.err)
	})

	return keys
}
