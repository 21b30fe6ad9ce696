package sdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gagliardetto/solana-go"

	"github.com/sanctum-go/sanctum/accounts"
	"github.com/sanctum-go/sanctum/sdk/route"
	"github.com/sanctum-go/sanctum/sdk/txn"
)

// ErrVersion1NotActive is returned by [Client.Build] when BuildOptions.Versions
// has only version 1 and the network does not take it yet. Allow another
// version, for example [txn.Version0].
var ErrVersion1NotActive = errors.New(
	"the network does not take transactions of version 1 (add version 0 to BuildOptions.Versions)",
)

// takesVersion1 reports whether the network takes transactions of version 1. An
// activation is permanent, so it is read at most once after it.
func (c *Client) takesVersion1(ctx context.Context) (bool, error) {
	if c.version1.Load() {
		return true, nil
	}

	set, err := c.readAccounts(ctx, []solana.PublicKey{accounts.Version1Feature}, 0)
	if err != nil {
		return false, fmt.Errorf("read whether version 1 is active: %w", err)
	}

	active, err := isActive(set, accounts.Version1Feature)
	if err != nil || !active {
		return false, err
	}

	c.version1.Store(true)
	return true, nil
}

// isActive reports whether a feature is active. Its account holds the slot of
// its activation, as an optional number; it does not exist if the activation
// was not requested.
func isActive(set *accounts.Set, feature solana.PublicKey) (bool, error) {
	account, err := set.Get(feature)
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		return false, nil
	case err != nil:
		return false, err
	}

	const size = 1 + 8
	active := account.Owner == accounts.FeatureProgram && len(account.Data) >= size &&
		account.Data[0] == 1

	return active, nil
}

// usableVersions returns the versions without version 1 if the network does not
// take it. The result is [ErrVersion1NotActive] if there is no other.
func (c *Client) usableVersions(
	ctx context.Context, versions []txn.Version,
) ([]txn.Version, error) {
	if !slices.Contains(versions, txn.Version1) {
		return versions, nil
	}

	active, err := c.takesVersion1(ctx)
	if err != nil || active {
		return versions, err
	}

	rest := slices.DeleteFunc(slices.Clone(versions),
		func(v txn.Version) bool { return v == txn.Version1 })
	if len(rest) == 0 {
		return nil, ErrVersion1NotActive
	}

	return rest, nil
}

// useVersions removes version 1 from the options if the network does not take
// it, and allows the request the routes that need it otherwise.
func (c *Client) useVersions(ctx context.Context, r *route.Request, o *BuildOptions) error {
	versions, err := c.usableVersions(ctx, o.Versions)
	if err != nil {
		return err
	}
	o.Versions, r.AllowVersion1 = versions, slices.Contains(versions, txn.Version1)
	return nil
}

// withVersion returns a plan that permits only the version of its transaction,
// so that the simulated transaction and the final one have the same. The
// version is that of the transaction with the largest budget that it can have.
func (c *Client) withVersion(
	ctx context.Context, plan txn.Plan, priority PriorityFee,
) (txn.Plan, error) {
	if !slices.Contains(plan.Versions, txn.Version1) {
		return plan, nil
	}

	largest := plan
	largest.Budget = largestBudget(priority)
	draft, err := largest.Compile()
	if err != nil {
		return plan, err
	}

	if draft.Version() == txn.Version1 {
		if plan.Versions, err = c.usableVersions(ctx, plan.Versions); err != nil ||
			!slices.Contains(plan.Versions, txn.Version1) {
			return plan, err
		}
	}

	plan.Versions = []txn.Version{draft.Version()}
	return plan, nil
}

// largestBudget returns a budget that takes as many bytes as that of a
// transaction with the priority fee can take, without the limit on loaded
// accounts data.
func largestBudget(p PriorityFee) txn.ComputeBudget {
	budget := txn.ComputeBudget{ComputeUnitLimit: maxUnitLimit, ComputeUnitPrice: 1}
	if p.None {
		budget.ComputeUnitPrice = 0
	}
	return budget
}

// takenBy returns the versions that all signers take. Those that do not
// declare any take all versions of the caller. If the caller names none, the
// versions are those that the signers declare.
func takenBy(versions []txn.Version, signers []txn.Signer) ([]txn.Version, error) {
	for _, s := range signers {
		limited, ok := s.(txn.VersionedSigner)
		if !ok {
			continue
		}

		taken := limited.Versions()
		if len(versions) == 0 {
			versions = slices.Clone(taken)
		} else {
			versions = slices.DeleteFunc(slices.Clone(versions),
				func(v txn.Version) bool { return !slices.Contains(taken, v) })
		}

		if len(versions) == 0 {
			return nil, fmt.Errorf("%w: %s takes %v", txn.ErrVersionNotTaken, s.PublicKey(), taken)
		}
	}

	return versions, nil
}
