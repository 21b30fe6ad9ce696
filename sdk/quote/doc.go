// Package quote computes what each program would pay: pure integer arithmetic
// over decoded accounts, step by step as the program does it, with the
// program's own rounding.
//
// Every amount is a uint64 in base units (lamports, or the smallest unit of a
// token) with 128-bit products in between. A quote says in Exact whether the
// program pays just that. Where builds of a program differ and the build is not
// known, a quote is what the least generous one pays, and Exact is false.
//
// What the program would refuse is refused here, with an error that wraps one
// of the package's sentinels.
package quote
