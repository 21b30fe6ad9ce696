package serve

import (
	"bytes"
	"encoding/json"
	"io"
	"strconv"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/sdk/explain"
)

// explanationJSON is the response of /v1/explain.
type explanationJSON struct {
	Version         string          `json:"version"`
	Size            int             `json:"size"`
	Payer           string          `json:"payer"`
	Signers         []string        `json:"signers"`
	NetworkFee      uint64          `json:"networkFee,string"`
	NetworkFeeKnown bool            `json:"networkFeeKnown"`
	Instructions    []explainedJSON `json:"instructions"`
}

type explainedJSON struct {
	Program     string                 `json:"program"`
	ProgramName string                 `json:"programName"`
	Name        string                 `json:"name"`
	Known       bool                   `json:"known"`
	Summary     string                 `json:"summary"`
	Amounts     []explainedAmountJSON  `json:"amounts"`
	Values      []explainedValueJSON   `json:"values"`
	Accounts    []explainedAccountJSON `json:"accounts"`
	DataLength  int                    `json:"dataLength"`
}

type explainedAmountJSON struct {
	Name  string `json:"name"`
	Value uint64 `json:"value,string"`
	Unit  string `json:"unit"`
	Mint  string `json:"mint,omitempty"`
}

type explainedValueJSON struct {
	Name string `json:"name"`
	Text string `json:"text"`
	Key  string `json:"key,omitempty"`
}

type explainedAccountJSON struct {
	Role     string `json:"role"`
	Address  string `json:"address"`
	Signer   bool   `json:"signer"`
	Writable bool   `json:"writable"`
}

// unitWords are the words of the units of amounts.
var unitWords = map[explain.Unit]string{
	explain.UnitLamports:      "lamports",
	explain.UnitTokens:        "tokens",
	explain.UnitCompute:       "computeUnits",
	explain.UnitMicroLamports: "microLamports",
	explain.UnitBytes:         "bytes",
	explain.UnitNumber:        "number",
}

func explanationOf(e explain.Explanation) explanationJSON {
	out := explanationJSON{
		Version:         e.Version.String(),
		Size:            e.Size,
		Payer:           e.Payer.String(),
		Signers:         texts(e.Signers),
		NetworkFee:      e.NetworkFee,
		NetworkFeeKnown: e.FeeKnown,
		Instructions:    make([]explainedJSON, 0, len(e.Instructions)),
	}

	for i := range e.Instructions {
		out.Instructions = append(out.Instructions, instructionExplained(&e.Instructions[i]))
	}
	return out
}

func instructionExplained(i *explain.Instruction) explainedJSON {
	out := explainedJSON{
		Program:     i.Program.String(),
		ProgramName: i.ProgramName,
		Name:        i.Name,
		Known:       i.Known(),
		Summary:     i.Summary,
		Amounts:     make([]explainedAmountJSON, 0, len(i.Amounts)),
		Values:      make([]explainedValueJSON, 0, len(i.Values)),
		Accounts:    make([]explainedAccountJSON, 0, len(i.Accounts)),
		DataLength:  i.DataLength,
	}

	for _, a := range i.Amounts {
		out.Amounts = append(out.Amounts, explainedAmountJSON{
			Name:  a.Name,
			Value: a.Value,
			Unit:  unitWords[a.Unit],
			Mint:  optional(a.Mint),
		})
	}

	for _, v := range i.Values {
		out.Values = append(out.Values, explainedValueJSON{
			Name: v.Name,
			Text: v.Text,
			Key:  optional(v.Key),
		})
	}

	for _, a := range i.Accounts {
		out.Accounts = append(out.Accounts, explainedAccountJSON{
			Role:     a.Role,
			Address:  a.Address.String(),
			Signer:   a.Signer,
			Writable: a.Writable,
		})
	}

	return out
}

func texts(keys []solana.PublicKey) []string {
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = key.String()
	}
	return all
}

// decodeStrictly decodes a body of the server's own JSON. Unknown fields are
// refused: a misspelled limit must not be ignored.
func (x *exchange) decodeStrictly(into any) error {
	decoder := json.NewDecoder(bytes.NewReader(x.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return invalid("the body is not the expected JSON (%s)", jsonReason(err))
	}

	if _, err := decoder.Token(); err != io.EOF {
		return invalid("the body has more than one value")
	}
	return nil
}

// explainTransaction answers /v1/explain.
func explainTransaction(x *exchange) error {
	if x.h.config.Client == nil {
		return errNoClient
	}

	var body struct {
		Transaction string `json:"transaction"`
	}
	if err := x.decodeStrictly(&body); err != nil {
		return err
	}

	explanation, _, err := x.review(body.Transaction, explain.Policy{})
	if err != nil {
		return err
	}
	return x.json(explanation)
}

// verdictJSON is the response of /v1/verify.
type verdictJSON struct {
	Allowed     bool            `json:"allowed"`
	Reason      string          `json:"reason,omitempty"`
	Instruction *int            `json:"instruction,omitempty"`
	Explanation explanationJSON `json:"explanation"`
}

// verifyTransaction answers /v1/verify.
func verifyTransaction(x *exchange) error {
	if x.h.config.Client == nil {
		return errNoClient
	}

	var body struct {
		Transaction string     `json:"transaction"`
		Policy      policyJSON `json:"policy"`
	}
	if err := x.decodeStrictly(&body); err != nil {
		return err
	}

	policy, err := body.Policy.read()
	if err != nil {
		return err
	}

	explanation, broken, err := x.review(body.Transaction, policy)
	if err != nil {
		return err
	}

	verdict := verdictJSON{Allowed: broken == nil, Explanation: explanation}
	if broken != nil {
		verdict.Reason = broken.Error()
		if at := broken.Instruction; at >= 0 && at < len(explanation.Instructions) {
			verdict.Instruction = &at
		}
	}
	return x.json(verdict)
}

// mostTransaction is the length of the longest transaction in base64.
const mostTransaction = 8192

// review explains a transaction, and returns why the policy forbids it.
func (x *exchange) review(
	transaction string, policy explain.Policy,
) (explanation explanationJSON, broken *explain.VerifyError, err error) {
	if len(transaction) > mostTransaction {
		return explanation, nil, invalid("transaction is too long")
	}

	review, err := x.h.config.Client.Review(x.r.Context(), transaction, policy)
	broken, isVerdict := forbidden(err)
	if err != nil && (!isVerdict || review == nil) {
		return explanation, nil, err
	}

	return explanationOf(review.Explanation), broken, nil
}

// policyJSON is a policy of /v1/verify.
type policyJSON struct {
	Owner          string            `json:"owner"`
	Payer          string            `json:"payer"`
	Recipient      string            `json:"recipient"`
	MaxLamports    amountJSON        `json:"maxLamports"`
	MaxTokens      map[string]string `json:"maxTokens"`
	MinLamports    amountJSON        `json:"minLamports"`
	MinTokens      map[string]string `json:"minTokens"`
	MaxNewAccounts uint16            `json:"maxNewAccounts"`
	MaxRent        amountJSON        `json:"maxRent"`
	MaxNetworkFee  amountJSON        `json:"maxNetworkFee"`
}

// amountJSON is an amount in the server's own JSON: a string.
type amountJSON uint64

// UnmarshalJSON reads a string with an integer.
func (a *amountJSON) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}

	value, err := parseAmount(s)
	if err != nil {
		return invalid("an amount is not valid: %v", err)
	}

	*a = amountJSON(value)
	return nil
}

func (p policyJSON) read() (policy explain.Policy, err error) {
	keys := []struct {
		name, text string
		required   bool
		into       *solana.PublicKey
	}{
		{"owner", p.Owner, true, &policy.Owner},
		{"payer", p.Payer, false, &policy.Payer},
		{"recipient", p.Recipient, false, &policy.Recipient},
	}

	for _, k := range keys {
		if k.text == "" && !k.required {
			continue
		}

		if *k.into, err = address(k.text); err != nil {
			return policy, invalid("policy.%s: %v", k.name, err)
		}
	}

	policy.MaxLamports, policy.MinLamports = uint64(p.MaxLamports), uint64(p.MinLamports)
	policy.MaxRent, policy.MaxNetworkFee = uint64(p.MaxRent), uint64(p.MaxNetworkFee)
	policy.MaxNewAccounts = int(p.MaxNewAccounts)
	if policy.MaxTokens, err = amountsOf("maxTokens", p.MaxTokens); err != nil {
		return policy, err
	}

	policy.MinTokens, err = amountsOf("minTokens", p.MinTokens)
	return policy, err
}

// mostPolicyTokens is the highest number of tokens in a policy.
const mostPolicyTokens = 32

func amountsOf(name string, amounts map[string]string) (map[solana.PublicKey]uint64, error) {
	if len(amounts) > mostPolicyTokens {
		return nil, invalid("policy.%s has too many tokens", name)
	}

	out := make(map[solana.PublicKey]uint64, len(amounts))
	for text, amount := range amounts {
		mint, err := address(text)
		if err != nil {
			return nil, invalid("policy.%s: %v", name, err)
		}

		if out[mint], err = parseAmount(amount); err != nil {
			return nil, invalid("policy.%s: %v", name, err)
		}
	}
	return out, nil
}

func quoted(text string) string { return strconv.Quote(shorten(text)) }
