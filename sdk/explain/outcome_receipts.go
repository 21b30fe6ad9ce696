package explain

import (
	"slices"

	"github.com/gagliardetto/solana-go"
)

// receipt compares the two sides of a receipt of the interceptor.
func (v *outcome) receipt(address solana.PublicKey, before, after side) error {
	was, is := before.receipt, after.receipt
	switch {
	case was != nil && was.Owner == v.Owner:
		switch {
		case is != nil && *is == *was:
			return nil
		case is != nil:
			return v.refuse(ErrAuthorityChange, "the receipt %s is changed", address)
		case !slices.Contains(v.Receipts, address):
			return v.refuse(ErrAuthorityChange, "the policy does not name the receipt %s", address)
		}

	case was == nil && is != nil:
		for _, in := range v.explanation.Instructions {
			made := in.is(nameInterceptor, "DepositStake", "DepositStakeWithSlippage") &&
				in.key("receipt") == address
			if made && is.Owner == v.Recipient {
				v.receipts[address] = receipt{mint: in.key("pool mint"), least: is.PoolTokens}
			}

			if made && in.key("payer") == v.Owner {
				v.created[address] = true
				v.rents.Add(v.rents, difference(before.lamports, after.lamports))
			}
		}
	}

	return nil
}
