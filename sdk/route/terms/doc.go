// Package terms has the types of a quote that venues make as well as the
// market: [Fee], [Cost], [MinOutCheck], [BuildParams]. Package route names them
// all, so import that.
package terms
