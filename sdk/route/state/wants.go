package state

import "github.com/gagliardetto/solana-go"

// wants collects the needs of the second round.
type wants struct {
	*reader
	needs Needs
	seen  map[solana.PublicKey]bool
}

// add wants an account, all of it.
func (w *wants) add(addresses ...solana.PublicKey) {
	for _, address := range addresses {
		if !w.seen[address] {
			w.seen[address] = true
			w.needs.Accounts = append(w.needs.Accounts, Need{Address: address})
		}
	}
}
