package state

import "github.com/gagliardetto/solana-go"

// wants collects the accounts of the second round.
type wants struct {
	*reader
	needs LoadPlan
	seen  map[solana.PublicKey]bool
}

// add adds accounts with all their data.
func (w *wants) add(addresses ...solana.PublicKey) {
	for _, address := range addresses {
		if !w.seen[address] {
			w.seen[address] = true
			w.needs.Accounts = append(w.needs.Accounts, AccountRequest{Address: address})
		}
	}
}
