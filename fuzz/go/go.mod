module carina/fuzz/reader

go 1.19
