set terminal pngcairo size 1200,750 font 'sans,11'
set output 'silence.png'
set linetype 1 lc rgb '#c8641e'
set linetype 2 lc rgb '#2b5f8a'
set linetype 3 lc rgb '#3f7d3a'
set linetype 4 lc rgb '#7a7a7a'
set border lc rgb '#555555'
set xlabel 'perplexity (lower is better)'
set ylabel 'decoding, tokens per second / dense INT8'
set key top left
$spiking << E
28.0976 0.965885 2%
28.1968 0.999183 11%
28.4065 1.03581 20%
29.1626 1.10188 30%
30.2797 1.12416 35%
32.7507 1.21411 42%
44.1269 1.29387 53%
84.0071 1.51599 62%
812.749 1.74686 74%
13424.1 2.10445 83%
E
set logscale x
set xrange [*:116.389]
set label 1 '' at 29.0972,1 point pt 5 ps 2
plot $spiking using 1:2 with linespoints lw 2 pt 7 title 'spiking, by share of silent channels', '' using 1:2:3 with labels left offset 1,-0.5 notitle, 1 with lines dt 2 title 'dense INT8', 0.6575 with lines dt 3 lw 2 title 'peer'
