// Package operator has plans for those who run a pool. This file set covers the
// manager of Infinity:
//
//   - [PlanInfinityFees] computes fees from target weights and sets them, with
//     what every pair of tokens pays before and after.
//   - [PlanInfinityRebalance] moves value from one token into another in one
//     transaction, with the pool's guard against a loss foreseen.
//
// A plan is computed from a market of package route, without the network. Its
// transactions are built by a client of package sdk, which simulates them.
package operator
